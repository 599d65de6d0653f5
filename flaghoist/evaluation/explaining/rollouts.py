"""Why a rollout gives a context this share: the attribute, the bucket it falls into, and the limits of the shares."""

from collections.abc import Mapping
from typing import Any

from flaghoist.evaluation import wire
from flaghoist.evaluation.bucketing import ABSENT, WHOLE, Bucketing
from flaghoist.evaluation.compiled import Kinds
from flaghoist.evaluation.explaining.trace import RolloutTrace, ServedTrace, ShareTrace
from flaghoist.evaluation.outcomes import Outcomes, is_experiment, shares_of
from flaghoist.evaluation.reasons import Reason, Result
from flaghoist.evaluation.rollouts import chosen


def explain_served(
    outcomes: Outcomes, choice: wire.Item, reason: Reason, *, kinds: Kinds
) -> tuple[Result, ServedTrace]:
    """What a rule or the fallthrough serves a context, and how a rollout came to it. Raises ``Malformed``."""
    step = ServedTrace(variation=wire.whole(choice, "variation"))
    rollout = wire.inner(choice, "rollout")
    if step.variation is None and rollout is not None and shares_of(rollout):
        step.rollout = _rollout(outcomes, rollout, kinds)
        step.variation = step.rollout.shares[step.rollout.chosen].variation
    result = chosen(outcomes.served(choice, reason, tracked=False), kinds)  # what is tracked is no part of the answer
    if isinstance(step.rollout, RolloutTrace):
        step.rollout.in_experiment = bool(result.reason.get("inExperiment"))
    if result.variation is None:
        step.malformed = (
            "it serves neither a variation nor a rollout"
            if step.variation is None
            else f"the flag has no variation {step.variation}"
        )
    return result, step


def explain_place(step: RolloutTrace, bucketing: Bucketing, kinds: Kinds) -> float:
    """Where a context falls, written down too. Raises ``Malformed`` for an attribute that cannot be a reference."""
    attributes: Mapping[str, Any] | None = kinds.get(bucketing.kind)
    if attributes is None:
        return ABSENT
    value = bucketing.read(attributes)
    if value is not None:
        step.value = value
    step.hashed = isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
    step.bucket = bucketing.bucket(value)
    return step.bucket


def _rollout(outcomes: Outcomes, rollout: wire.Item, kinds: Kinds) -> RolloutTrace:
    experiment = is_experiment(rollout)
    bucketing = outcomes.bucketing(rollout)
    step = RolloutTrace(
        kind="experiment" if experiment else "rollout",
        context_kind=bucketing.kind,
        attribute="key" if experiment else wire.text(rollout, "bucketBy") or "key",
        seed=outcomes.seed(rollout),
    )
    place = explain_place(step, bucketing, kinds)
    above = 0.0
    for share in shares_of(rollout):
        weight = round((share.limit - above) * WHOLE)
        step.shares.append(
            ShareTrace(
                variation=share.variation, weight=weight, above=above, below=share.limit, untracked=share.untracked
            )
        )
        above = share.limit
    step.chosen = next(
        (number for number, share in enumerate(step.shares) if place < share.below), len(step.shares) - 1
    )
    return step
