"""Metric groups as the API shows them: with their metrics as they are now, and who uses them."""

from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document
from flaghoist.resources.experimentation.dependants import Dependants
from flaghoist.resources.experimentation.maintainers import MEMBER, TEAM, team_of, team_summary
from flaghoist.resources.experimentation.versions import version_id
from flaghoist.rest.render import Look, link


def render(look: Look, group: Document) -> Body:
    """A metric group, in a list or alone."""
    project = addresses.project_of(group.address)
    project_key = addresses.name(project)
    hidden = (MEMBER, TEAM, "metrics")
    uses = _dependants(look, project).experiments_with_group(group.body["key"])
    shown = {
        **{name: value for name, value in group.body.items() if name not in hidden},
        "_links": {
            "parent": link("/api/v2/projects", project_key),
            "self": link(f"/api/v2/projects/{project_key}/metric-groups", group.body["key"]),
        },
        "_access": look.access(group),
        "_creationDate": group.created_at,
        "_lastModified": group.updated_at,
        "_version": group.version,
        "maintainer": _maintainer(look, group.body),
        "metrics": [_metric(look, project, member) for member in group.body["metrics"]],
        "activeExperimentCount": sum(use.active for use in uses),
        "activeGuardedRolloutCount": 0,
    }
    if look.expands("experimentCount"):
        shown["experimentCount"] = len(uses)
    if look.expands("experiments"):
        shown["experiments"] = [use.json() for use in uses]
    return shown


def _dependants(look: Look, project: str) -> Dependants:
    found: Dependants = look.once(f"dependants {project}", lambda: Dependants.of(look.work, project))
    return found


def _maintainer(look: Look, body: Body) -> Body:
    team = team_of(look, body)
    if body.get(TEAM):
        shown = {"key": body[TEAM], "kind": "team"}
        return {**shown, "_team": team_summary(team), "team": team_summary(team)} if team else shown
    shown = {"key": body.get(MEMBER, ""), "kind": "member"}
    member = look.member(shown["key"])
    return {**shown, "_member": member, "member": member} if member else shown


def _metric(look: Look, project: str, member: Body) -> Body:
    address = f"{project}:metric/{member['key']}"
    metric: Document = look.once(address, lambda: look.work.read(address))
    body = metric.body
    names = ("key", "name", "kind", "isNumeric", "unitAggregationType", "analysisType", "eventKey")
    return {
        **{name: body[name] for name in names if name in body},
        "_versionId": version_id(address, metric.version),
        "_links": {
            "parent": link("/api/v2/metrics", addresses.name(project)),
            "self": link("/api/v2/metrics", addresses.name(project), body["key"]),
        },
        "nameInGroup": member["nameInGroup"],
        "randomizationUnits": body["randomizationUnits"],
        "analysisUnits": body["analysisUnits"],
    }
