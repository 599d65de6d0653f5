"""Feature flags: create, read, change, copy, delete, and how much they are used."""

from typing import Any

from flaghoist.base.errors import NotFound
from flaghoist.core import patches
from flaghoist.core.reading import Reading
from flaghoist.core.resource import Body, Facets, Resource
from flaghoist.core.work import Document, Work
from flaghoist.resources.flagging.flags import copying, dependents, posting, statuses, targeting
from flaghoist.resources.flagging.flags.answers import (
    FlagRep,
    FlagsRep,
    FlagStatusAcrossRep,
    FlagStatusesRep,
    FlagStatusRep,
)
from flaghoist.resources.flagging.flags.checks import check
from flaghoist.resources.flagging.flags.copying import FlagCopy
from flaghoist.resources.flagging.flags.dependents import DependentFlagsRep, DependentsAnywhereRep
from flaghoist.resources.flagging.flags.instructions import VERBS
from flaghoist.resources.flagging.flags.listing import listing
from flaghoist.resources.flagging.flags.posting import FlagPost
from flaghoist.resources.flagging.flags.projection import project
from flaghoist.resources.flagging.flags.refine import refine
from flaghoist.resources.flagging.flags.render import PAGED_SINCE, render
from flaghoist.resources.flagging.flags.schema import Flag, FlagConfig
from flaghoist.resources.flagging.flags.settle import settle
from flaghoist.rest.operations import Call, Family, Reply
from flaghoist.rest.render import link
from flaghoist.rest.verbs import Verbs, listed, require_view, visible

FAMILY = Family("Feature flags")
_ITEM = "/api/v2/flags/{projectKey}/{featureFlagKey}"


def _environment_keys(work: Reading, flag: Document) -> list[str]:
    return [environment.body["key"] for environment in work.collection("env", flag.parent)]


FLAG = FAMILY.resource(
    Resource(
        kind="flag",
        address="proj/{projectKey}:env/*:flag/{featureFlagKey}",
        parent="proj/{projectKey}",
        schema=Flag,
        create_action="createFlag",
        delete_action="deleteFlag",
        facets=Facets("environments", FlagConfig, names=_environment_keys, default=targeting.untouched),
        instructions=VERBS,
        immutable=frozenset({"key", "purpose", "migrationSettings"}),
        settle=settle,
        check=check,
        carry=targeting.carry,
        refine=refine,
        project=project,
        post=FlagPost,
        make=posting.make,
        render=render,
    )
)


class _Flags(Verbs):
    """Lists differ between versions of the API, a flag may begin as a clone, and an instruction may delete one."""

    def list(self, work: Work, call: Call) -> Body:
        """A page of the flags of a project."""
        parent = self.resource.parent_of(call.params)
        work.read(parent)
        found = visible(work, self.resource, work.collection("flag", parent), parent)
        return listed(work, call, listing(call.version.number), found, self.resource.render)

    def create(self, work: Work, call: Call) -> Body:
        """A new flag, with all the targeting of another where the request asks for a clone."""
        original = call.query.text("clone")
        if not original:
            return super().create(work, call)
        named, body = posting.clone(work, call.params, call.body, original)
        document = work.create("flag", {**call.params, **named}, body)
        return self.resource.render(call.look(work, detail=True), document)

    def patch(self, work: Work, call: Call) -> Any:
        """A flag changed, or nothing to show where it was deleted."""
        address = self.resource.address_of(call.params)
        flag = work.patch(address, patches.read(call.body, call.content_type))
        if work.find(address) is None:
            return Reply(status=204)
        return self.resource.render(call.look(work, detail=True), flag)


_Flags(
    family=FAMILY,
    resource=FLAG,
    collection="/api/v2/flags/{projectKey}",
    item=_ITEM,
    rep=FlagRep,
    collection_rep=FlagsRep,
    expands=("migrationSettings",),
    listing=listing(PAGED_SINCE),
    query={"postFeatureFlag": (("clone", "string"),), "getFeatureFlag": (("env", "string"),)},
).declare(
    list_="getFeatureFlags",
    create="postFeatureFlag",
    get="getFeatureFlag",
    patch="patchFeatureFlag",
    delete="deleteFeatureFlag",
)


@FAMILY.command("POST", f"{_ITEM}/copy", "copyFeatureFlag", status=201, body=FlagCopy, returns=FlagRep)
def copy_flag(work: Work, call: Call) -> Any:
    """Copy what a flag does from one environment to another"""
    flag = work.whole(FLAG.address_of(call.params))
    return render(call.look(work, detail=True), copying.copy(work, flag, call.body))


@FAMILY.view(
    "/api/v2/flag-statuses/{projectKey}/{environmentKey}/{featureFlagKey}",
    "getFeatureFlagStatus",
    returns=FlagStatusRep,
)
def get_status(work: Work, call: Call) -> Any:
    """How much a flag is used in an environment"""
    environment = _environment(work, call)
    flag = work.read(FLAG.address_of(call.params))
    require_view(work, FLAG, flag)
    key = environment.body["key"]
    request = statuses.last_request(work, environment, flag)
    return statuses.linked(environment, flag, statuses.status(work, flag, work.facets(flag, [key])[key], request))


@FAMILY.view("/api/v2/flag-statuses/{projectKey}/{environmentKey}", "getFeatureFlagStatuses", returns=FlagStatusesRep)
def get_statuses(work: Work, call: Call) -> Any:
    """How much each flag is used in an environment"""
    environment = _environment(work, call)
    parent = FLAG.parent_of(call.params)
    found = visible(work, FLAG, work.collection("flag", parent), parent)
    live = [flag for flag in found if not flag.body["archived"]]
    key = environment.body["key"]
    facets = work.facets_of(live, [key])
    requests = statuses.last_requests(work, environment)
    shown = [
        statuses.status(work, flag, facets[flag.address][key], requests.get(flag.body["key"], statuses.NEVER))
        for flag in live
    ]
    items = [statuses.linked(environment, flag, each) for flag, each in zip(live, shown, strict=True)]
    return {"items": items, "_links": {"self": link("/api/v2/flag-statuses", call.params["projectKey"], key)}}


@FAMILY.view(
    "/api/v2/flag-status/{projectKey}/{featureFlagKey}",
    "getFeatureFlagStatusAcrossEnvironments",
    returns=FlagStatusAcrossRep,
    query=(("env", "string"),),
)
def get_status_across(work: Work, call: Call) -> Any:
    """How much a flag is used in each environment"""
    flag = work.read(FLAG.address_of(call.params))
    require_view(work, FLAG, flag)
    asked = call.query.all("env")
    environments = {each.body["key"]: each for each in work.collection("env", flag.parent)}
    for key in asked:
        if key not in environments:
            raise NotFound(f"there is no environment '{key}'; possible: {', '.join(environments)}")
    facets = work.facets(flag, asked or None)
    return {
        "environments": {
            key: statuses.status(work, flag, facet, statuses.last_request(work, environments[key], flag))
            for key, facet in facets.items()
        },
        "key": flag.body["key"],
        "_links": {
            "parent": link("/api/v2/flag-status"),
            "self": link("/api/v2/flag-status", call.params["projectKey"], flag.body["key"]),
        },
    }


@FAMILY.view(f"{_ITEM}/dependent-flags", "getDependentFlags", returns=DependentsAnywhereRep, beta=True)
def get_dependents(work: Work, call: Call) -> Any:
    """List the flags that have a flag as a prerequisite"""
    flag = work.read(FLAG.address_of(call.params))
    require_view(work, FLAG, flag)
    return dependents.anywhere(work, flag)


@FAMILY.view(
    "/api/v2/flags/{projectKey}/{environmentKey}/{featureFlagKey}/dependent-flags",
    "getDependentFlagsByEnv",
    returns=DependentFlagsRep,
    beta=True,
)
def get_dependents_there(work: Work, call: Call) -> Any:
    """List the flags that have a flag as a prerequisite in an environment"""
    environment = _environment(work, call)
    flag = work.read(FLAG.address_of(call.params))
    require_view(work, FLAG, flag)
    return dependents.in_environment(work, flag, environment)


def _environment(work: Work, call: Call) -> Document:
    return work.read(f"proj/{call.params['projectKey']}:env/{call.params['environmentKey']}")
