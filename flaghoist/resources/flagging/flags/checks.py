"""What no flag may become, whoever asks: values that SDKs cannot serve, references to nothing, broken promises."""

from collections.abc import Iterable

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses, guards
from flaghoist.core.resource import Body
from flaghoist.core.work import Work
from flaghoist.resources.flagging.flags import (
    approvals,
    clauses,
    prerequisites,
    running_experiments,
    targeting,
    variations,
)


def check(work: Work, address: str, before: Body | None, after: Body | None) -> None:
    """Refuse a flag that must not be created, changed or deleted so; raises a ``Refusal`` that says why."""
    if after is None:
        assert before is not None, "what is deleted was there"
        running_experiments.require_none(work, address, before["environments"], "deleted")
        prerequisites.require_unneeded(work, address)
        return
    if before is None:
        _check_settings(work, None, after)
        _check_environments(work, address, after, after["environments"])
        return
    _check_settings(work, before, after)
    carried = work.catalogue["flag"].carry(before, after)
    changed = guards.changed(carried["environments"], after["environments"])
    accesses = guards.accesses(work.catalogue["flag"], address, carried, after)
    approvals.require_approved(work, accesses, [*before["tags"], *after["tags"]])
    _check_environments(work, address, after, changed if _same_variations(before, after) else after["environments"])
    if not _same_variations(before, after):
        prerequisites.require_variations_unneeded(work, address, before, after)
    if after["archived"] and not before["archived"]:
        running_experiments.require_none(work, address, after["environments"], "archived")
        prerequisites.require_unneeded(work, address)
    running_experiments.require_undisturbed(work, address, carried, after)


def _same_variations(before: Body, after: Body) -> bool:
    return [variation["_id"] for variation in before["variations"]] == [
        variation["_id"] for variation in after["variations"]
    ]


def _check_settings(work: Work, before: Body | None, after: Body) -> None:
    variations.require_valid(after["variations"], before["variations"] if before else None)
    if before and before.get("purpose") == "migration":
        stages = [variation["value"] for variation in after["variations"]]
        if stages != [variation["value"] for variation in before["variations"]]:
            raise Invalid("variations: the stages of a migration flag cannot be changed")
    for name, index in after["defaults"].items():
        _check_index(index, after, f"defaults.{name}")
    _check_maintainer(work, before, after)


def _check_maintainer(work: Work, before: Body | None, after: Body) -> None:
    for name, kind in (("maintainerId", "member"), ("maintainerTeamKey", "team")):
        maintainer = after.get(name)
        if maintainer and maintainer != (before or {}).get(name) and work.find(f"{kind}/{maintainer}") is None:
            raise Invalid(f"{name}: there is no {kind} '{maintainer}'")


def _check_environments(work: Work, address: str, flag: Body, environment_keys: Iterable[str]) -> None:
    known = [each.body["key"] for each in work.collection("env", addresses.project_of(address))]
    for key in environment_keys:
        if key not in known:
            raise Invalid(f"environments: there is no environment '{key}'; possible: {', '.join(known)}")
        if key not in flag["environments"]:
            raise Invalid(f"environments.{key}: a flag is in every environment of its project; it cannot be removed")
        config = flag["environments"][key]
        _check_config(config, flag, f"environments.{key}")
        prerequisites.require_sound(work, address, key, config)


def _check_config(config: Body, flag: Body, place: str) -> None:
    if "offVariation" in config:
        _check_index(config["offVariation"], flag, f"{place}.offVariation")
    for part, serve in targeting.serves(config):
        _check_serve(serve, flag, f"{place}.{part}")
    for index, rule in enumerate(config["rules"]):
        if not rule["clauses"]:
            raise Invalid(
                f"{place}.rules[{index}]: a rule without clauses would hold for everybody; use the fallthrough"
            )
        for number, clause in enumerate(rule["clauses"]):
            clauses.require_valid(clause, f"{place}.rules[{index}].clauses[{number}]")
    _check_targets(config, flag, place)


def _check_serve(serve: Body, flag: Body, place: str) -> None:
    if "rollout" in serve:
        _check_rollout(serve["rollout"], flag, f"{place}.rollout")
    elif "variation" not in serve:
        raise Invalid(f"{place}: give a 'variation' or a 'rollout' to serve")
    elif flag.get("purpose") == "migration":
        raise Invalid(f"{place}: the cohorts of a migration flag are served a 'rollout', not a 'variation'")
    else:
        _check_index(serve["variation"], flag, f"{place}.variation")


def _check_rollout(rollout: Body, flag: Body, place: str) -> None:
    for index, share in enumerate(rollout["variations"]):
        _check_index(share["variation"], flag, f"{place}.variations[{index}].variation")
    total = sum(share["weight"] for share in rollout["variations"])
    if total != targeting.WHOLE:
        raise Invalid(f"{place}.variations: the weights add up to {total}; they must add up to {targeting.WHOLE}")
    if rollout.get("seed") == 0:
        raise Invalid(f"{place}.seed: must not be 0, which some SDKs take for no seed")
    if "experimentAllocation" in rollout:
        index = rollout["experimentAllocation"]["defaultVariation"]
        _check_index(index, flag, f"{place}.experimentAllocation.defaultVariation")


def _check_targets(config: Body, flag: Body, place: str) -> None:
    seen: dict[tuple[str, str], int] = {}
    for field in ("targets", "contextTargets"):
        for index, target in enumerate(config[field]):
            _check_index(target["variation"], flag, f"{place}.{field}[{index}].variation")
            for key in target["values"]:
                if seen.setdefault((target["contextKind"], key), target["variation"]) != target["variation"]:
                    raise Invalid(
                        f"{place}.{field}[{index}]: {target['contextKind']} '{key}' is a target of two variations"
                    )


def _check_index(index: int, flag: Body, place: str) -> None:
    if index == variations.GONE:
        raise Invalid(f"{place}: serves a variation that this change removes; serve another one first")
    if not 0 <= index < len(flag["variations"]):
        raise Invalid(f"{place}: there is no variation {index}; the last one is {len(flag['variations']) - 1}")
