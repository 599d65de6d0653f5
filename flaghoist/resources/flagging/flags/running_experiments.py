"""Running experiments hold on to what they measure: the rule they are on, its shares, and the values it serves."""

from collections.abc import Iterable, Iterator

from flaghoist.base.errors import Conflict
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.flagging.flags import targeting, variations

FALLTHROUGH = "fallthrough"


def running_on(work: Work, address: str, environment_key: str) -> Iterator[tuple[Document, str]]:
    """The running experiments on a flag in an environment, each with the id of its rule or ``fallthrough``."""
    key = addresses.name(address)
    for experiment in work.collection("experiment", f"{addresses.project_of(address)}:env/{environment_key}"):
        iteration = experiment.body.get("currentIteration") or {}
        place = (iteration.get("flags") or {}).get(key)
        if iteration.get("status") == "running" and place is not None:
            yield experiment, place.get("ruleId") or place.get("targetingRule") or FALLTHROUGH


def require_none(work: Work, address: str, environment_keys: Iterable[str], act: str) -> None:
    """Go on only if no experiment is running on a flag anywhere; raises ``Conflict`` naming one that is."""
    for environment_key in environment_keys:
        for experiment, _ in running_on(work, address, environment_key):
            raise Conflict(
                f"the flag cannot be {act}: experiment '{experiment.body.get('key')}' is running on it in "
                f"'{environment_key}'; stop the experiment first"
            )


def require_undisturbed(work: Work, address: str, carried: Body, after: Body) -> None:
    """Go on only if what running experiments measure stays the same; ``carried`` is before in the words of after."""
    values_changed = _changed_values(carried, after)
    for environment_key, config in after["environments"].items():
        old = carried["environments"][environment_key]
        if old == config and not values_changed:
            continue
        for experiment, place in running_on(work, address, environment_key):
            measured = _measured(old, place)
            if measured is None:
                continue
            if measured != _measured(config, place) or values_changed & set(targeting.served(measured)):
                raise Conflict(
                    f"experiment '{experiment.body.get('key')}' is running on {_named(place)} in "
                    f"'{environment_key}', and this change would disturb it; stop the experiment first"
                )


def _measured(config: Body, place: str) -> Body | None:
    """What an experiment depends on at its place: who meets the rule, and what they are served."""
    if place == FALLTHROUGH:
        return dict(config["fallthrough"])
    rule = next((rule for rule in config["rules"] if rule["_id"] == place), None)
    if rule is None:
        return None
    clauses = [{name: value for name, value in clause.items() if name != "_id"} for clause in rule["clauses"]]
    kept = {name: rule[name] for name in ("variation", "rollout", "disabled") if name in rule}
    return {**kept, "clauses": clauses}


def _changed_values(before: Body, after: Body) -> set[int]:
    """The indices, after, of variations whose value is another now."""
    moves = variations.moves(before["variations"], after["variations"])
    return {
        new
        for old, new in moves.items()
        if new != variations.GONE and before["variations"][old]["value"] != after["variations"][new]["value"]
    }


def _named(place: str) -> str:
    return "the default rule" if place == FALLTHROUGH else f"rule '{place}'"
