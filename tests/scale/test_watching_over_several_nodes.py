"""Several nodes that share a database are one place to watch events at, whichever of them receives them."""

from contextlib import ExitStack
from pathlib import Path

import requests
from onlookers import Watching
from servers import PostgreSQL, start_server


def test_whoever_watches_one_node_sees_what_another_receives(tmp_path: Path, postgresql: PostgreSQL) -> None:
    database = postgresql.database()
    with ExitStack() as stopping:
        nodes = [start_server(tmp_path / name, database_url=database) for name in ("a", "b")]
        for node in nodes:
            stopping.callback(node.stop)
        here, there = nodes
        key = here.ok("GET", "/projects/default/environments/test")["apiKey"]
        sent = [f"seen {number}" for number in range(12)]

        def send(name: str, number: int) -> None:
            event = {"kind": "custom", "key": name, "contextKeys": {"user": "ann"}}
            headers = {"Authorization": key, "X-LaunchDarkly-Event-Schema": "4", "Connection": "close"}
            answer = requests.post(f"{nodes[number % 2].url}/bulk", json=[event], headers=headers, timeout=10)
            assert answer.status_code == 202

        send("a moment ago", 1)
        with Watching(here, "default", kind="custom") as watching, Watching(there, "default", kind="custom") as beside:
            for onlooker in (watching, beside):
                assert onlooker.next()["key"] == "a moment ago"
            for number, name in enumerate(sent):
                send(name, number)
            for onlooker in (watching, beside):
                assert sorted(onlooker.next()["key"] for _ in sent) == sorted(sent), "each of them once"
