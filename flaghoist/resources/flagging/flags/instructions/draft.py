"""A flag while instructions edit it, and the one environment they may speak of."""

import copy
from typing import Any

from flaghoist.base.errors import Invalid
from flaghoist.core.instructions import Instructions
from flaghoist.core.resource import Body
from flaghoist.resources.flagging.flags import targeting
from flaghoist.resources.flagging.flags import variations as listed


class Draft:
    """A copy of a whole flag; ``config`` is its part in the environment that the patch names."""

    def __init__(self, flag: Body, environment_key: str) -> None:
        self.flag: Body = copy.deepcopy(flag)
        self.is_deleted = False
        self._environment_key = environment_key

    @property
    def config(self) -> Body:
        """What the flag does in the environment; raises ``Invalid`` if the patch names none, or one there is not."""
        environments: Body = self.flag["environments"]
        if not self._environment_key:
            raise Invalid("'environmentKey' is missing: this instruction changes a flag in one environment")
        if self._environment_key not in environments:
            possible = ", ".join(environments)
            raise Invalid(f"there is no environment '{self._environment_key}'; possible: {possible}")
        config: Body = environments[self._environment_key]
        return config

    @property
    def variations(self) -> list[Body]:
        """The flag's variations, in order."""
        found: list[Body] = self.flag["variations"]
        return found

    def variation(self, variation_id: str) -> int:
        """The index of a variation; raises ``Invalid``."""
        return listed.index_of_id(self.variations, variation_id)

    def rule(self, rule_id: str) -> Body:
        """A rule of the environment; raises ``Invalid``."""
        rules: list[Body] = self.config["rules"]
        for rule in rules:
            if rule.get("_id") == rule_id:
                return rule
        raise Invalid(f"there is no rule '{rule_id}'; possible: {', '.join(rule['_id'] for rule in rules) or 'none'}")

    def serving(
        self,
        variation_id: str | None,
        rollout_weights: dict[str, int] | None,
        rollout_bucket_by: str | None,
        rollout_context_kind: str | None,
        *,
        before: Body | None = None,
    ) -> Body:
        """A variation or a rollout, as four parameters of an instruction say; raises ``Invalid`` for both or neither.

        A rollout lists every variation, those that get no share too. It keeps the seed of the one ``before`` it that
        went by the same attribute, so that nobody changes sides who need not.
        """
        if bool(variation_id) == bool(rollout_weights):
            raise Invalid("give either 'variationId' or 'rolloutWeights'")
        if variation_id:
            return {"variation": self.variation(variation_id)}
        given = {self.variation(each): weight for each, weight in (rollout_weights or {}).items()}
        weights = {index: given.get(index, 0) for index in range(len(self.variations))}
        kind = rollout_context_kind or "user"
        rollout = targeting.rollout(weights, context_kind=kind, bucket_by=rollout_bucket_by or "")
        return {"rollout": targeting.seeded_like((before or {}).get("rollout"), rollout)}


def _closed(draft: Any) -> Body | None:
    return None if draft.is_deleted else draft.flag


VERBS = Instructions("flag", opened=Draft, closed=_closed)
