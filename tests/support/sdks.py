"""Official SDKs in other languages, started for a shop."""

from pathlib import Path
from typing import Any

import toolchains
from driven import DrivenClient
from shop import Shop

Body = dict[str, Any]


class Clients:
    """Starts SDKs in other languages and ends them with the test."""

    def __init__(self) -> None:
        self._running: list[DrivenClient] = []
        self._watched: list[tuple[DrivenClient, str]] = []

    def node(self, shop: Shop, **more: Any) -> tuple[DrivenClient, Body]:
        """The server-side SDK for Node, and how its start went."""
        return self._on_node("server_sdk.js", shop, {"key": shop.sdk_key, **more})

    def client_side(self, sdk: str, shop: Shop, context: Body, **more: Any) -> tuple[DrivenClient, Body]:
        """A client-side SDK for somebody, and how its start went."""
        return self._on_node(f"{sdk}.js", shop, {"environment": shop.client_id, "context": context, **more})

    def go(self, program: Path, shop: Shop, **more: Any) -> tuple[DrivenClient, Body]:
        """The server-side SDK for Go, and how its start went."""
        return self._start([str(program)], shop, {"key": shop.sdk_key, **more})

    def end(self) -> None:
        """End them all; none may have spoken to any other server."""
        spoken_to = [(client.origins(), url) for client, url in self._watched]
        for client in self._running:
            client.end()
        assert all(origins <= {url} for origins, url in spoken_to), spoken_to

    def _on_node(self, program: str, shop: Shop, asked: Body) -> tuple[DrivenClient, Body]:
        client, started = self._start([*toolchains.node(), program], shop, asked)
        self._watched.append((client, shop.server.url))
        return client, started

    def _start(self, command: list[str], shop: Shop, asked: Body) -> tuple[DrivenClient, Body]:
        client = DrivenClient(command, toolchains.CLIENTS / "node")
        self._running.append(client)
        return client, client.call("start", {"url": shop.server.url, **asked})
