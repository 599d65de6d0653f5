"""What a flag can serve: its variations, and the rollouts that share contexts out among them."""

from itertools import accumulate
from typing import NamedTuple

from flaghoist.evaluation import reasons, wire
from flaghoist.evaluation.bucketing import ABSENT, WHOLE, Bucketing, compile_bucketing, places_below, seed_of
from flaghoist.evaluation.reasons import Reason, Result
from flaghoist.evaluation.rollouts import Rollout, Served

EXPERIMENT = "experiment"


class Outcomes:
    """The results of one flag, built before anyone asks."""

    def __init__(self, flag: wire.Item) -> None:
        """Raises ``Malformed``."""
        self._flag_key = wire.required_text(flag, "key")
        self._salt = wire.text(flag, "salt") or ""
        self._variations = wire.values(flag, "variations")
        self._off_variation = wire.whole(flag, "offVariation")
        # One for each flag, as all results are: what has been made of a result is found by its identity.
        self._malformed = reasons.error("MALFORMED_FLAG")

    def off(self, reason: Reason) -> Result:
        """What is served while the flag is off or a prerequisite fails: nothing, unless an off variation is chosen."""
        if self._off_variation is None:
            return Result(None, None, reason)
        return self.variation(self._off_variation, reason)

    def variation(self, index: int, reason: Reason, *, is_experiment: bool = False) -> Result:
        """One variation; an index that names none makes the flag malformed."""
        if not 0 <= index < len(self._variations):
            return self._malformed
        return Result(self._variations[index], index, reason, is_experiment)

    def served(self, choice: wire.Item, reason: Reason, *, tracked: bool) -> Served:
        """What a rule or the fallthrough serves: ``{"variation": n}`` or ``{"rollout": …}``. Raises ``Malformed``."""
        index, rollout = wire.whole(choice, "variation"), wire.inner(choice, "rollout")
        shares = [] if rollout is None else shares_of(rollout)
        if index is None and rollout is not None and shares:
            return self._shared_out(rollout, shares, reason, tracked)
        return self._malformed if index is None else self.variation(index, reason, is_experiment=tracked)

    def bucketing(self, rollout: wire.Item) -> Bucketing:
        """How a rollout of this flag finds a context's bucket. Raises ``Malformed``."""
        return compile_bucketing(
            wire.text(rollout, "contextKind"),
            # An experiment randomises by key alone: exposures are counted by key.
            None if is_experiment(rollout) else wire.text(rollout, "bucketBy"),
            seed=self.seed(rollout),
        )

    def seed(self, rollout: wire.Item) -> str:
        """What the hashed text of a rollout of this flag begins with. Raises ``Malformed``."""
        return seed_of(self._flag_key, self._salt, seed=wire.whole(rollout, "seed"))

    def _shared_out(self, rollout: wire.Item, shares: "list[Share]", reason: Reason, tracked: bool) -> Served:
        experiment = is_experiment(rollout)

        def result(share: Share, *, present: bool) -> Result:
            if experiment and present and not share.untracked:
                return self.variation(share.variation, reasons.in_experiment(reason), is_experiment=True)
            return self.variation(share.variation, reason, is_experiment=tracked)

        steps = [(places_below(share.limit), result(share, present=True)) for share in shares]
        absent = result(next((share for share in shares if share.limit > ABSENT), shares[-1]), present=False)
        return Rollout(self.bucketing(rollout), steps, absent)


class Share(NamedTuple):
    """The buckets below a limit (and not below the limit before) and what they are served."""

    limit: float
    variation: int
    untracked: bool


def is_experiment(rollout: wire.Item) -> bool:
    """Whether a rollout takes contexts into an experiment. Raises ``Malformed``."""
    return wire.text(rollout, "kind") == EXPERIMENT


def shares_of(rollout: wire.Item) -> list[Share]:
    """The shares of a rollout in their order, each with its upper limit. Raises ``Malformed``."""
    entries = wire.required_items(rollout, "variations")
    # Summed as floats, step by step: the limits must be the very ones that SDKs compute.
    limits = accumulate(wire.required_whole(entry, "weight") / WHOLE for entry in entries)
    return [
        Share(limit, wire.required_whole(entry, "variation"), wire.truth(entry, "untracked"))
        for limit, entry in zip(limits, entries, strict=True)
    ]
