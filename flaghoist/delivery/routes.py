"""Every door through which SDKs are served their flags."""

from flaghoist.base.http import Route
from flaghoist.delivery import second_protocol
from flaghoist.delivery.client_side import ClientSide
from flaghoist.delivery.hub import Hub
from flaghoist.delivery.server_side import ServerSide


def routes(hub: Hub) -> list[Route]:
    """Methods and paths with their handlers."""
    return [*ServerSide(hub).routes(), *ClientSide(hub).routes(), *second_protocol.routes()]
