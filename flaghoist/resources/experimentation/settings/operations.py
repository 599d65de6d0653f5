"""Experimentation settings: read them, and replace them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.guards import Access
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.settings.schema import (
    ExperimentationSettings,
    RandomizationSettingsPut,
    RandomizationSettingsRep,
)
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.render import link
from flaghoist.rest.verbs import require_view

FAMILY = Family("Experiments")
_PATH = "/api/v2/projects/{projectKey}/experimentation-settings"
_ACTION = "updateAvailabilityForExperiments"
USER = "user"
UNTOUCHED: Body = {"randomizationUnits": [{"randomizationUnit": USER, "default": True}]}
"""What a project's settings are until somebody says otherwise."""


class Activity(Protocol):
    """What is known of contexts received; ``work.services["activity"]`` where there is such a service."""

    def kinds_seen(self, environment_ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """Context kinds with the first and last time they were seen in some environments, in milliseconds."""


def _is_known(work: Work, project: str, kind: str) -> bool:
    """Whether somebody made a context kind, or events have named it."""
    if work.find(_kind(project, kind)):
        return True
    activity: Activity | None = work.services.get("activity")
    ids = [environment.body["_id"] for environment in work.collection("env", project)]
    return activity is not None and kind in activity.kinds_seen(ids)


def _check(work: Work, address: str, _before: Body | None, after: Body | None) -> None:
    if after is None:
        return
    units = after["randomizationUnits"]
    keys = [unit["randomizationUnit"] for unit in units]
    for key in keys:
        if keys.count(key) > 1:
            raise Invalid(f"randomizationUnits: '{key}' appears twice; name each context kind once")
        if key != USER and not _is_known(work, addresses.project_of(address), key):
            raise Invalid(f"randomizationUnits: there is no context kind '{key}' in this project; create it first")
    defaults = [unit["randomizationUnit"] for unit in units if unit["default"]]
    if len(defaults) != 1:
        named = ", ".join(defaults) or "none"
        raise Invalid(f"randomizationUnits: exactly one unit must have 'default' set to true, not {named}")


SETTINGS = FAMILY.resource(
    Resource(
        kind="experimentation-settings",
        audit_kind="experimentation settings",
        address="proj/{projectKey}:experimentation-settings/settings",
        parent="proj/{projectKey}",
        schema=ExperimentationSettings,
        create_action=_ACTION,
        delete_action=_ACTION,
        check=_check,
    )
)


@FAMILY.view(_PATH, "getExperimentationSettings", returns=RandomizationSettingsRep)
def read_settings(work: Work, call: Call) -> Body:
    """Get the experimentation settings of a project"""
    project = work.read(SETTINGS.parent_of(call.params))
    require_view(work, SETTINGS, project)
    return _render(work, project, work.find(SETTINGS.address_of(call.params)))


@FAMILY.command(
    "PUT", _PATH, "putExperimentationSettings", body=RandomizationSettingsPut, returns=RandomizationSettingsRep
)
def replace_settings(work: Work, call: Call) -> Body:
    """Replace the experimentation settings of a project"""
    project = work.read(SETTINGS.parent_of(call.params))
    settings = work.find(SETTINGS.address_of(call.params))
    body = {
        "randomizationUnits": [
            {"randomizationUnit": unit.randomization_unit, "default": bool(unit.default)}
            for unit in call.body.randomization_units
        ]
    }
    if settings is None:
        settings = work.create(SETTINGS.kind, call.params, body)
    else:
        accesses = _accesses(project.address, settings.body, body)
        if not accesses:  # nothing changes: still only for those who could change something here
            work.require(_ACTION, _kind(project.address, USER))
        settings = work.save(settings, body, accesses=accesses)
    return _render(work, project, settings)


def _accesses(project: str, before: Body, after: Body) -> list[Access]:
    """Whether a kind is available is decided kind by kind, and only for those that change."""
    old, new = (
        {unit["randomizationUnit"]: unit["default"] for unit in body["randomizationUnits"]} for body in (before, after)
    )
    return [Access(_ACTION, _kind(project, key)) for key in {**old, **new} if old.get(key) != new.get(key)]


def _kind(project: str, key: str) -> str:
    return f"{project}:context-kind/{key}"


def _render(work: Work, project: Document, settings: Document | None) -> Body:
    units = (settings.body if settings else UNTOUCHED)["randomizationUnits"]
    key = project.body["key"]
    path = f"/api/v2/projects/{key}/experimentation-settings"
    return {
        "_links": {"parent": link("/api/v2/projects", key), "self": link(path)},
        "_projectId": project.body["_id"],
        "_projectKey": key,
        "_creationDate": (settings or project).created_at,
        "randomizationUnits": [_unit(work, project, unit) for unit in units],
    }


def _unit(work: Work, project: Document, unit: Body) -> Body:
    key = unit["randomizationUnit"]
    kind = work.find(_kind(project.address, key))
    body = kind.body if kind else {}
    return {
        **unit,
        "_hidden": bool(body.get("archived") or body.get("hideInTargeting")),
        "_displayName": body.get("name") or key.capitalize(),
    }
