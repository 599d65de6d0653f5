"""The API about itself: its resources, its caller, its versions, its addresses, its description."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flaghoist.base.settings import Settings
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Work
from flaghoist.resources.account.meta.networks import inbound, outbound
from flaghoist.resources.account.meta.schema import CallerIdentityRep, IpListRep, RootRep, VersionsRep
from flaghoist.rest.authenticate import Caller
from flaghoist.rest.openapi import describe
from flaghoist.rest.operations import Call, Family, Operation
from flaghoist.rest.render import link
from flaghoist.rest.versions import LATEST, VERSIONS

FAMILY = Family("Other")
_ROOT = "/api/v2"
_KEY_KINDS = {"sdk": "sdkKey", "mobile": "mobileKey", "client": "clientSideId", "relay": "relayProxyKey"}


@FAMILY.view(_ROOT, "getRoot", returns=RootRep, open=True)
def read_root(work: Work, _call: Call) -> Body:
    """List the kinds of resources"""
    operations: Sequence[Operation] = work.services["operations"]
    paths = sorted(
        {
            each.path
            for each in operations
            if each.method == "GET" and each.path.startswith(f"{_ROOT}/") and "{" not in each.path
        }
    )
    return {"links": {"self": link(_ROOT), **{path.removeprefix(f"{_ROOT}/"): link(path) for path in paths}}}


@FAMILY.view("/api/v2/caller-identity", "getCallerIdentity", returns=CallerIdentityRep)
def read_caller(work: Work, _call: Call) -> Body:
    """Say whose credential is used"""
    caller: Caller = work.services["caller"]
    account = str(work.read(addresses.ACCOUNT).body["_id"])
    shown = _token(caller) if caller.credential.kind == "token" else _key(work, caller)
    ends = [end for end in (caller.credential.expires_at, caller.document.body.get("expiry")) if end is not None]
    if ends:
        shown["expiresAt"] = min(ends)
    return {"accountId": account, **shown}


@FAMILY.view("/api/v2/versions", "getVersions", returns=VersionsRep)
def read_versions(_work: Work, call: Call) -> Body:
    """List the versions of the API"""
    return {
        "validVersions": list(VERSIONS),
        "latestVersion": LATEST,
        "currentVersion": call.version.number,
        "beta": call.version.beta,
    }


@FAMILY.view("/api/v2/public-ip-list", "getIps", returns=IpListRep, open=True)
def read_networks(work: Work, _call: Call) -> Body:
    """List the networks of the server"""
    settings: Settings = work.services["settings"]
    return {"addresses": inbound(settings.host), "outboundAddresses": outbound()}


@FAMILY.view("/api/v2/openapi.json", "getOpenapiSpec", returns=dict[str, Any], open=True)
def read_description(work: Work, _call: Call) -> Body:
    """Get the description of the API"""
    return _described(_Table(work.services["operations"]))


class _Table:
    """The operation table, the same as long as it is the very same."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Table) and other.operations is self.operations

    def __hash__(self) -> int:
        return id(self.operations)


@lru_cache(maxsize=1)
def _described(table: _Table) -> Body:
    """Made once: with all operations it takes a good part of a second."""
    return describe(table.operations)


def _token(caller: Caller) -> Body:
    token = caller.document.body
    return {
        "authKind": "token",
        "tokenKind": "auth",
        "tokenId": token["_id"],
        "tokenName": token["name"],
        "memberId": token["memberId"],
        "serviceToken": token["serviceToken"],
    }


def _key(work: Work, caller: Caller) -> Body:
    kind = caller.credential.kind
    shown: Body = {"authKind": _KEY_KINDS.get(kind, kind)}
    address = caller.document.address
    environment_key = addresses.step(address, "env")
    if environment_key:
        project_address = addresses.project_of(address)
        project, environment = work.read(project_address), work.read(f"{project_address}:env/{environment_key}")
        shown |= {
            "environmentId": environment.body["_id"],
            "environmentName": environment.body["name"],
            "projectId": project.body["_id"],
            "projectName": project.body["name"],
        }
    return shown
