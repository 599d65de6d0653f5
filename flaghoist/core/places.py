"""Where a document is found: its path in the API, and its page in the console."""

from collections.abc import Mapping
from urllib.parse import quote

from flaghoist.core import addresses

_NOWHERE: tuple[str, str] = ("", "")
_PLACES: Mapping[str, tuple[str, str]] = {
    # Of the account: {name} is the last name of the address.
    "acct": ("/api/v2/account", "/settings/account"),
    "application": ("/api/v2/applications/{name}", ""),
    "code-reference-repository": ("/api/v2/code-refs/repositories/{name}", ""),
    "member": ("/api/v2/members/{name}", "/settings/members"),
    "oauth-client": ("/api/v2/oauth/clients/{name}", ""),
    "proj": ("/api/v2/projects/{name}", "/projects/{name}/~/settings"),
    "relay-proxy-config": ("/api/v2/account/relay-auto-configs/{name}", ""),
    "role": ("/api/v2/roles/{name}", ""),
    "service-token": ("/api/v2/tokens/{name}", "/settings/tokens"),
    "team": ("/api/v2/teams/{name}", ""),
    "template": ("/api/v2/templates/{name}", ""),
    "token": ("/api/v2/tokens/{name}", "/settings/tokens"),
    "webhook": ("/api/v2/webhooks/{name}", ""),
    # Of a project, {proj}, with {env} the environment in question, or ~ where it is all of them.
    "agent-graph": ("/api/v2/projects/{proj}/agent-graphs/{name}", ""),
    "ai-tool": ("/api/v2/projects/{proj}/ai-tools/{name}", ""),
    "aiconfig": ("/api/v2/projects/{proj}/ai-configs/{name}", ""),
    "context-kind": ("/api/v2/projects/{proj}/context-kinds/{name}", ""),
    "env": ("/api/v2/projects/{proj}/environments/{name}", "/projects/{proj}/{name}/settings"),
    "layer": ("/api/v2/projects/{proj}/layers/{name}", ""),
    "metric": ("/api/v2/metrics/{proj}/{name}", "/projects/{proj}/{env}/metrics/{name}"),
    "metric-group": ("/api/v2/projects/{proj}/metric-groups/{name}", ""),
    "release-pipeline": ("/api/v2/projects/{proj}/release-pipelines/{name}", ""),
    "release-policy": ("/api/v2/projects/{proj}/release-policies/{name}", ""),
    "view": ("/api/v2/projects/{proj}/views/{name}", ""),
    # Of an environment.
    "destination": ("/api/v2/destinations/{proj}/{env}/{name}", ""),
    "experiment": (
        "/api/v2/projects/{proj}/environments/{env}/experiments/{name}",
        "/projects/{proj}/{env}/experiments/{name}",
    ),
    "flag": ("/api/v2/flags/{proj}/{name}", "/projects/{proj}/{env}/flags/{name}"),
    "holdout": ("/api/v2/projects/{proj}/environments/{env}/holdouts/{name}", ""),
    "request": ("/api/v2/approval-requests/{name}", ""),
    "segment": ("/api/v2/segments/{proj}/{env}/{name}", ""),
}


def api_path(address: str) -> str:
    """The path of a document in the API; empty for a kind that has none of its own."""
    return _filled(address, 0)


def console_path(address: str) -> str:
    """The path of a document's page in the console; empty for a kind that has none of its own."""
    return _filled(address, 1)


def environment_of(address: str) -> str:
    """The key of the environment an address lies in, as console paths write it: ``~`` for none or all."""
    key = addresses.step(address, "env")
    return "~" if key in ("", "*") else key


def _filled(address: str, which: int) -> str:
    kind, name = addresses.last(address)
    template = _PLACES.get(kind, _NOWHERE)[which]
    project, environment = addresses.step(address, "proj"), environment_of(address)
    return template.format(proj=quote(project, safe=""), env=quote(environment, safe="~"), name=quote(name, safe=""))
