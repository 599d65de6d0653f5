"""What a client leaves out or says twice in a flag, filled in and brought into one form."""

from collections.abc import Iterable, Sequence
from typing import Any

from flaghoist.base import ids
from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Work
from flaghoist.resources.flagging.flags import prerequisites, variations


def settle(work: Work, address: str, before: Body | None, after: Body) -> None:
    """Fill in a new body of a flag, given the one before it."""
    old = before or {"environments": {}, "variations": []}
    _settle_variations(old["variations"], after["variations"])
    _settle_availability(before, after)
    _settle_maintainer(old, after)
    _settle_date("archived", old, after, work.now)
    _settle_date("deprecated", old, after, work.now)
    after["tags"] = _unique_tags(after["tags"])
    after["description"] = after["description"] or ""
    for key, config in after["environments"].items():
        settle_config(config, old["environments"].get(key))
        prerequisites.resolve(work, addresses.project_of(address), key, config)


def settle_config(config: Body, before: Body | None) -> None:
    """Fill in what a flag does in one environment."""
    _drop_empty(config, "offVariation")
    _settle_serve(config["fallthrough"], (before or {}).get("fallthrough"), "fallthrough")
    _settle_targets(config)
    _identify(config["rules"], before["rules"] if before else [])
    by_id = {rule["_id"]: rule for rule in (before["rules"] if before else [])}
    for index, rule in enumerate(config["rules"]):
        _settle_rule(rule, by_id.get(rule["_id"]), f"rules[{index}]")


def _settle_variations(before: Sequence[Body], after: Sequence[Body]) -> None:
    variations.identify(after, before)
    for variation in after:
        _drop_empty(variation, "name", "description")


def _settle_availability(before: Body | None, after: Body) -> None:
    """The older member says the same as the newer one, whichever of them was changed."""
    older, newer = "includeInSnippet", "clientSideAvailability"
    if before is not None and after[older] != before[older] and after[newer] == before[newer]:
        after[newer] = {**after[newer], "usingEnvironmentId": after[older]}
    after[older] = after[newer]["usingEnvironmentId"]


def _settle_maintainer(before: Body, after: Body) -> None:
    """A flag is maintained by a member or by a team: naming the one replaces the other."""
    member, team = "maintainerId", "maintainerTeamKey"
    _drop_empty(after, member, team)
    if member in after and team in after:
        changed = [name for name in (member, team) if after[name] != before.get(name)]
        if len(changed) != 1:
            raise Invalid(f"'{member}' and '{team}' exclude one another; set one of them")
        after.pop(team if changed == [member] else member)


def _settle_date(state: str, before: Body, after: Body, now: int) -> None:
    """When the flag came into the state it is in; the server's own to say."""
    date = f"{state}Date"
    after.pop(date, None)
    if after[state]:
        after[date] = before[date] if before.get(state) else now


def _unique_tags(tags: list[str]) -> list[str]:
    """Each tag once; tags that differ only in case are the same."""
    return list({tag.lower(): tag for tag in reversed(tags)}.values())[::-1]


def _settle_serve(serve: Body, before: Body | None, place: str) -> None:
    """Either a variation or a rollout: of two that are there, the one just written counts."""
    _drop_empty(serve, "variation", "rollout")
    if "variation" in serve and "rollout" in serve:
        kept = [name for name in ("variation", "rollout") if before is None or serve[name] != before.get(name)]
        if len(kept) != 1:
            raise Invalid(f"{place}: 'variation' and 'rollout' exclude one another; give one of them")
        serve.pop("rollout" if kept == ["variation"] else "variation")
    if "rollout" in serve:
        rollout = serve["rollout"]
        _drop_empty(rollout, "experimentAllocation", "seed", "bucketBy", "contextKind")
        rollout.setdefault("contextKind", "user")


def _settle_rule(rule: Body, before: Body | None, place: str) -> None:
    _settle_serve(rule, before, place)
    _drop_empty(rule, "description", "ref", "disabled")
    for clause in rule["clauses"]:
        clause["contextKind"] = clause.get("contextKind") or "user"
    _identify(rule["clauses"], before["clauses"] if before else [])


def _identify(after: list[Body], before: Sequence[Body]) -> None:
    """Give rules or clauses their ids: what comes back without one, but otherwise the same, keeps the one it had."""
    taken = {item["_id"] for item in after if "_id" in item}
    free = [item for item in before if item["_id"] not in taken]
    seen: set[str] = set()
    for item in after:
        if item.get("_id") in seen:
            item.pop("_id")
        if "_id" not in item:
            same = next((old for old in free if _content(old) == _content(item)), None)
            if same is not None:
                free.remove(same)
            item["_id"] = same["_id"] if same is not None else ids.random_uuid()
        seen.add(item["_id"])


def _content(item: Any) -> Any:
    """A rule or clause without its ids and without what filling in would add."""
    if isinstance(item, list):
        return [_content(each) for each in item]
    if not isinstance(item, dict):
        return item
    absent = (None, "")
    content = {name: _content(value) for name, value in item.items() if name != "_id" and value not in absent}
    return {name: value for name, value in content.items() if (name, value) != ("contextKind", "user")}


def _settle_targets(config: Body) -> None:
    """User keys are listed in ``targets``, other kinds in ``contextTargets``, where an empty entry for users keeps
    their place in the order: SDKs look for users only where they find one.
    """
    entries = [target for target in [*config["targets"], *config["contextTargets"]] if target["values"]]
    users = _merged(target for target in entries if target["contextKind"] == "user")
    kept = {target["variation"] for target in users}
    ordered = [*config["contextTargets"], *config["targets"]]
    config["targets"] = users
    config["contextTargets"] = _merged(
        {**target, "values": []} if target["contextKind"] == "user" else target
        for target in ordered
        if (target["variation"] in kept if target["contextKind"] == "user" else target["values"])
    )


def _merged(targets: Iterable[Body]) -> list[Body]:
    """One entry for each kind and variation, each key in it once."""
    merged: dict[tuple[str, int], Body] = {}
    for target in targets:
        entry = merged.setdefault((target["contextKind"], target["variation"]), {**target, "values": []})
        entry["values"] = list(dict.fromkeys([*entry["values"], *target["values"]]))
    return list(merged.values())


def _drop_empty(holder: Body, *names: str) -> None:
    """Absent is absent: null and the empty text are not kept."""
    for name in names:
        if holder.get(name) in (None, ""):
            holder.pop(name, None)
