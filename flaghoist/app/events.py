"""Events as the rest of the house meets them: whose they are, who may import them, what they have told so far."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace

from flaghoist.app.environments import Environments
from flaghoist.app.events_kept import Mover
from flaghoist.base import clock
from flaghoist.base.clock import HOUR_MS
from flaghoist.base.errors import NotFound, Unauthorized
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.work import Work
from flaghoist.delivery.hub import Hub
from flaghoist.delivery.source import CredentialKind
from flaghoist.ingest.identity import EnvironmentIdentity
from flaghoist.rest.authenticate import authenticate
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents
from flaghoist.store.facts import activity
from flaghoist.store.facts.activity import EventActivity
from flaghoist.store.facts.answer import Answer, Arm, Traffic
from flaghoist.store.facts.facts import Facts
from flaghoist.store.facts.lake import Lake
from flaghoist.store.facts.question import Iteration, Question


class Senders:
    """Whom the keys that come with events speak for; known ones stay known while the store is away."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def by_sdk_key(self, key: str) -> EnvironmentIdentity | None:
        """The environment of an SDK key."""
        return await self._by("sdk", key)

    async def by_mobile_key(self, key: str) -> EnvironmentIdentity | None:
        """The environment of a mobile key."""
        return await self._by("mobile", key)

    async def by_client_id(self, client_id: str) -> EnvironmentIdentity | None:
        """The environment of a client-side id."""
        return await self._by("client", client_id)

    async def _by(self, kind: CredentialKind, credential: str) -> EnvironmentIdentity | None:
        try:
            found = await self._hub.identify(kind, credential)
        except (NotFound, Unauthorized):
            return None
        return EnvironmentIdentity(found.id, found.project_key, found.environment_key)


class Importers:
    """Who may import events into an environment: whoever may ``importEventData`` there."""

    def __init__(
        self,
        database: Database,
        documents: Documents,
        catalogue: Catalogue,
        environments: Environments,
        executor: Executor,
    ) -> None:
        self._database = database
        self._documents = documents
        self._catalogue = catalogue
        self._environments = environments
        self._executor = executor

    async def authorize(self, token: str, project_key: str, environment_key: str) -> EnvironmentIdentity:
        """The environment named; raises ``Unauthorized``, ``Forbidden`` or ``NotFound``."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._authorize, token, project_key, environment_key)

    def _authorize(self, token: str, project_key: str, environment_key: str) -> EnvironmentIdentity:
        with self._database.read() as connection:
            caller = authenticate(connection, self._documents, token)
            if caller.actor is None:
                raise Unauthorized(
                    f"a credential of kind '{caller.credential.kind}' does not import; use an access token"
                )
            work = Work(
                connection=connection,
                documents=self._documents,
                catalogue=self._catalogue,
                actor=caller.actor,
                writing=False,
            )
            found = self._environments.named(project_key, environment_key)
            if found is None:
                raise NotFound(f"there is no environment '{environment_key}' in project '{project_key}'")
            work.require("importEventData", found.address)
        return EnvironmentIdentity(found.id, project_key, environment_key)


class Counted:
    """The facts as of now: everything accepted is moved into the lake before a question is answered."""

    def __init__(self, facts: Facts, lake: Lake, compactor: Mover) -> None:
        self._facts = facts
        self._lake = lake
        self._compactor = compactor

    def flush(self) -> None:
        """Take in everything accepted so far, or as much of it as can be written now."""
        self._compactor.catch_up()

    def answers(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers to some questions, in order."""
        answers = self._facts.answers(questions)
        environments = [question.iteration.environment_id for question in questions]
        forgotten = {each: self._lake.forgotten_before(each) for each in set(environments)}
        return [
            replace(answer, forgotten_before=forgotten[environment])
            for answer, environment in zip(answers, environments, strict=True)
        ]

    def traffic(self, iteration: Iteration) -> Traffic:
        """Who was exposed to what."""
        return self._facts.traffic(iteration)

    def series(self, question: Question, through: Sequence[int]) -> list[tuple[Arm, ...]]:
        """The arms as they stood at several times."""
        return self._facts.series(question, through)


class Activity:
    """What is going on: which flags are asked for, which events arrive."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def flag_status(self, environment_id: str, flag_key: str) -> tuple[int | None, object]:
        """When a flag was last evaluated, in milliseconds, and the default that callers name."""
        with self._database.read() as connection:
            found = activity.flag(connection, environment_id, flag_key)
        return (found.last_requested, found.default) if found else (None, None)

    def flag_statuses(self, environment_id: str) -> dict[str, tuple[int | None, object]]:
        """The same for every flag that was evaluated in an environment, by key."""
        with self._database.read() as connection:
            found = activity.flags(connection, environment_id)
        return {key: (each.last_requested, each.default) for key, each in found.items()}

    def flag_evaluations(self, environment_id: str, flag_key: str, *, since: int) -> int:
        """How often a flag was evaluated since the hour of a time, in milliseconds."""
        with self._database.read() as connection:
            found = activity.evaluations(
                connection, environment_id, since=since - since % HOUR_MS, until=clock.now_ms() + 1, flag_key=flag_key
            )
        return sum(each.count for each in found)

    def event(self, environment_id: str, kind: str, key: str) -> EventActivity | None:
        """What is known of an event in an environment, or None if it was never received."""
        with self._database.read() as connection:
            return activity.event(connection, environment_id, kind, key)

    def event_key_seen(self, environment_ids: Sequence[str], kind: str, key: str) -> int | None:
        """When an event was last received in any of some environments, in milliseconds."""
        with self._database.read() as connection:
            found = [activity.event(connection, environment, kind, key) for environment in environment_ids]
        return max((each.last_seen for each in found if each), default=None)

    def kinds_seen(self, environment_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Context kinds with the first and last time they were seen in some environments, in milliseconds."""
        seen: dict[str, tuple[int, int]] = {}
        with self._database.read() as connection:
            for environment in environment_ids:
                for found in activity.kinds(connection, environment):
                    first, last = seen.get(found.kind, (found.first_seen, found.last_seen))
                    seen[found.kind] = (min(first, found.first_seen), max(last, found.last_seen))
        return seen
