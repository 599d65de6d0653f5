"""When a metric's events last came, as told by whoever receives events."""

from collections.abc import Sequence
from typing import Any

from flaghoist.base.clock import HOUR_MS
from flaghoist.core.actor import server
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.work import Work
from flaghoist.resources import families
from flaghoist.rest.query import Query
from flaghoist.rest.render import Look
from flaghoist.rest.versions import ApiVersion
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents

URLS = [{"kind": "exact", "url": "https://shop.example/"}]


class FakeActivity:
    """Remembers the last time of each event, by environment, kind and key."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str, str], int] = {}

    def event_key_seen(self, environment_ids: Sequence[str], kind: str, key: str) -> int | None:
        times = [self.seen[each, kind, key] for each in environment_ids if (each, kind, key) in self.seen]
        return max(times, default=None)


def test_last_seen_is_told_to_the_hour_and_by_environment(database: Database) -> None:
    activity = FakeActivity()
    catalogue = Catalogue(resource for family in families() for resource in family.resources)

    def shown(work: Work, key: str) -> dict[str, Any]:
        look = Look(work, ApiVersion(20240415), Query({"expand": ["eventSources"]}), detail=True)
        return catalogue["metric"].render(look, work.read(f"proj/web:metric/{key}"))

    def story(connection: Any) -> None:
        work = Work(
            connection=connection,
            documents=Documents(),
            catalogue=catalogue,
            actor=server(),
            writing=True,
            services={"activity": activity},
        )
        work.make("proj", {}, {"key": "web", "name": "Web"})
        test, live = (
            work.make("env", {"projectKey": "web"}, {"key": key, "name": key, "color": "ffffff"}).body["_id"]
            for key in ("test", "live")
        )
        for post in (
            {"key": "signup", "kind": "custom", "eventKey": "Signed up"},
            {"key": "home", "kind": "pageview", "urls": URLS},
            {"key": "quiet", "kind": "custom", "eventKey": "quiet"},
        ):
            work.make("metric", {"projectKey": "web"}, post)
        activity.seen[test, "custom", "Signed up"] = 5 * HOUR_MS + 1
        activity.seen[live, "custom", "Signed up"] = 7 * HOUR_MS + 59 * 60_000
        activity.seen[live, "pageview", "home"] = 2 * HOUR_MS

        signup = shown(work, "signup")
        assert signup["lastSeen"] == 7 * HOUR_MS
        assert sorted(signup["eventSources"], key=lambda source: source["lastSeen"]) == [
            {"environmentId": test, "environmentKey": "test", "lastSeen": 5 * HOUR_MS},
            {"environmentId": live, "environmentKey": "live", "lastSeen": 7 * HOUR_MS},
        ]
        assert shown(work, "home")["lastSeen"] == 2 * HOUR_MS, "browsers report a page view under the metric's key"
        quiet = shown(work, "quiet")
        assert "lastSeen" not in quiet and quiet["eventSources"] == []

    database.write(story)
