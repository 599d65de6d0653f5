"""Projects: create, read, change, delete, and the defaults of their flags."""

from collections.abc import Mapping
from typing import Any

import msgspec

from flaghoist.base import ids
from flaghoist.base.errors import Conflict
from flaghoist.core import patches
from flaghoist.core.patches import Patch
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Document, Work
from flaghoist.resources.workspace.projects.schema import (
    FlagDefaultsPut,
    FlagDefaultsRep,
    Project,
    ProjectPost,
    ProjectRep,
    ProjectsRep,
)
from flaghoist.rest.filters import Condition, Predicate, by_query, by_tags
from flaghoist.rest.operations import Call, Family, Listing
from flaghoist.rest.render import Look, link
from flaghoist.rest.verbs import Verbs, checked_key, require_view

FAMILY = Family("Projects")
DEFAULT_ENVIRONMENTS = (
    {"key": "production", "name": "Production", "color": "417505", "critical": True},
    {"key": "test", "name": "Test", "color": "f5a623"},
)
_DEFAULTS = "/api/v2/projects/{projectKey}/flag-defaults"
_EXPANDED_SINCE = 20220603  # before, projects came all at once, each with all its environments as a list
_AVAILABILITY = "defaultClientSideAvailability"


def _check(work: Work, _address: str, _before: Body | None, after: Body | None) -> None:
    if after is None and len(work.collection("proj", "acct")) == 1:
        raise Conflict("the last project of an account cannot be deleted")


def _mirror(_work: Work, _address: str, before: Body | None, after: Body) -> None:
    """The older member says the same as the newer one, whichever of them was changed."""
    older, newer = "includeInSnippetByDefault", _AVAILABILITY
    if before is not None and after[older] != before[older] and after[newer] == before[newer]:
        after[newer] = {**after[newer], "usingEnvironmentId": after[older]}
    after[older] = after[newer]["usingEnvironmentId"]


def _by_keys(_work: Work, condition: Condition) -> Predicate:
    wanted = {text.lower() for text in condition.texts}
    return lambda document: document.body["key"].lower() in wanted


def _new(_work: Work, _params: Mapping[str, str], post: ProjectPost) -> tuple[Mapping[str, str], Body]:
    body = msgspec.to_builtins(post)
    body.pop("environments", None)
    if "defaultClientSideAvailability" not in body and post.include_in_snippet_by_default is True:
        body["defaultClientSideAvailability"] = {"usingMobileKey": True, "usingEnvironmentId": True}
    body["_id"] = ids.object_id()
    return {"projectKey": checked_key(post.key, "project")}, body


def _render(look: Look, project: Document) -> Body:
    key = project.body["key"]
    shown = {name: value for name, value in project.body.items() if name in ProjectRep.__struct_encode_fields__}
    environments = f"/api/v2/projects/{key}/environments"
    shown["_links"] = {"self": link("/api/v2/projects", key), "environments": link(environments)}
    shown["_access"] = look.access(project)
    found = look.work.collection("env", project.address)
    if look.version.number < _EXPANDED_SINCE:
        shown["environments"] = [_environment(look, each) for each in found]
    elif look.expands("environments"):
        shown["environments"] = {
            "_links": {"self": link(environments)},
            "totalCount": len(found),
            "items": [_environment(look, each) for each in found],
        }
    return shown


def _with_environments(work: Work, call: Call, shown: Body, address: str) -> Body:
    """After creation and change the environments come as a plain list."""
    look = call.look(work, detail=False)
    return {**shown, "environments": [_environment(look, each) for each in work.collection("env", address)]}


def _environment(look: Look, environment: Document) -> Body:
    return look.work.catalogue["env"].render(look, environment)


PROJECT = FAMILY.resource(
    Resource(
        kind="proj",
        audit_kind="project",
        address="proj/{projectKey}",
        parent="acct",
        schema=Project,
        create_action="createProject",
        delete_action="deleteProject",
        post=ProjectPost,
        make=_new,
        render=_render,
        check=_check,
        settle=_mirror,
    )
)


class _Projects(Verbs):
    """Creation and change answer with the environments as a list."""

    def create(self, work: Work, call: Call) -> Body:
        """A new project with its environments."""
        shown = super().create(work, call)
        address = f"proj/{shown['key']}"
        asked = call.body.environments
        for environment in DEFAULT_ENVIRONMENTS if asked is msgspec.UNSET else asked:
            work.make("env", {"projectKey": shown["key"]}, environment)
        return _with_environments(work, call, shown, address)

    def patch(self, work: Work, call: Call) -> Body:
        """A project changed."""
        shown = super().patch(work, call)
        return _with_environments(work, call, shown, f"proj/{shown['key']}")


_Projects(
    family=FAMILY,
    resource=PROJECT,
    collection="/api/v2/projects",
    item="/api/v2/projects/{projectKey}",
    rep=ProjectRep,
    collection_rep=ProjectsRep,
    expands=("environments",),
    listing=Listing(
        filters={"query": by_query("key", "name"), "tags": by_tags, "keys": _by_keys},
        sorts={"name": lambda found: found.body["name"].lower(), "createdOn": lambda found: found.created_at},
        expands=("environments",),
        limit_max=1000,
        paged_since=_EXPANDED_SINCE,
    ),
).declare(list_="getProjects", create="postProject", get="getProject", patch="patchProject", delete="deleteProject")


@FAMILY.view(_DEFAULTS, "getFlagDefaultsByProject", returns=FlagDefaultsRep)
def read_flag_defaults(work: Work, call: Call) -> Any:
    """Get the flag defaults of a project"""
    project = work.read(PROJECT.address_of(call.params))
    require_view(work, PROJECT, project)
    return {**_shown(project), "key": project.body["key"]}


@FAMILY.command("PUT", _DEFAULTS, "putFlagDefaultsByProject", body=FlagDefaultsPut, returns=FlagDefaultsRep)
def replace_flag_defaults(work: Work, call: Call) -> Any:
    """Replace the flag defaults of a project"""
    project = work.read(PROJECT.address_of(call.params))
    return _shown(work.save(project, _beginning_with(project, msgspec.to_builtins(call.body))))


@FAMILY.command("PATCH", _DEFAULTS, "patchFlagDefaultsByProject", body=Any, returns=FlagDefaultsRep)
def change_flag_defaults(work: Work, call: Call) -> Any:
    """Change the flag defaults of a project"""
    project = work.read(PROJECT.address_of(call.params))
    asked: Patch = patches.read(call.body, call.content_type)
    work.comment = asked.comment
    defaults = asked.apply(PROJECT, _defaults(project))
    assert defaults is not None, "no patch of a project deletes it"
    return _shown(work.save(project, _beginning_with(project, defaults)))


def _defaults(project: Document) -> Body:
    """What new flags begin with; which client-side SDKs see them is kept with the project, where it is shown too."""
    return {**project.body["flagDefaults"], _AVAILABILITY: project.body[_AVAILABILITY]}


def _beginning_with(project: Document, defaults: Body) -> Body:
    """The project with these flag defaults."""
    own = {name: value for name, value in defaults.items() if name != _AVAILABILITY}
    available = defaults.get(_AVAILABILITY, project.body[_AVAILABILITY])
    return {**project.body, "flagDefaults": own, _AVAILABILITY: available}


def _shown(project: Document) -> Body:
    key = project.body["key"]
    self_link = link(f"/api/v2/projects/{key}/flag-defaults")
    return {"_links": {"self": self_link, "parent": link("/api/v2/projects", key)}, **_defaults(project)}
