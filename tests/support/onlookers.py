"""People who watch an environment's events arrive, over the wire."""

import json
from typing import Any

import requests
from servers import Server


class Watching:
    """An open stream of events."""

    def __init__(self, server: Server, project: str, *, token: str = "", last_event_id: str = "", **query: str) -> None:
        headers = {"Authorization": token or server.token, "Last-Event-ID": last_event_id}
        url = f"{server.url}/internal/projects/{project}/environments/test/events"
        self.answer = requests.get(url, params=query, headers=headers, stream=True, timeout=10)
        self._lines = self.answer.iter_lines(chunk_size=1, decode_unicode=True)

    def next(self) -> dict[str, Any]:
        """The next event."""
        for line in self._lines:
            if line.startswith("data: "):
                found = json.loads(line.removeprefix("data: "))
                assert isinstance(found, dict)
                return found
        raise AssertionError("the stream has ended")

    def __enter__(self) -> "Watching":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.answer.close()
