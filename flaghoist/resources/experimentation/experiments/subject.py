"""The flag that an experiment tests: its rules and variations in one environment, and the edits made to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.patches import Patch
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.allocation import Slice
from flaghoist.resources.experimentation.iteration import FALLTHROUGH

EXPERIMENT = "experiment"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an experiment is: the address of its project, and the key of its environment."""

    project: str
    environment_key: str

    @classmethod
    def of(cls, address: str) -> "Place":
        """The place of an experiment's address."""
        return cls(addresses.project_of(address), addresses.step(address, "env"))

    @property
    def environment(self) -> str:
        """The address of the environment."""
        return f"{self.project}:env/{self.environment_key}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a flag, or its fallthrough, and where it stands in the flag (a JSON pointer)."""

    pointer: str
    content: Mapping[str, Any]

    @property
    def allocation(self) -> Mapping[str, Any]:
        """What the rule's rollout is for (``experimentAllocation``), if it is for more than serving."""
        found: Mapping[str, Any] = (self.content.get("rollout") or {}).get("experimentAllocation") or {}
        return found

    @property
    def slices(self) -> list[Slice]:
        """Where units lie in the experiment that the rule carries."""
        rollout = self.content.get("rollout") or {}
        return [
            Slice(None if each.get("_untracked") else each["variation"], each["weight"])
            for each in rollout.get("variations", ())
        ]

    @property
    def seed(self) -> int | None:
        """What units are hashed with, if the rule says."""
        seed: int | None = (self.content.get("rollout") or {}).get("seed")
        return seed


@dataclass(frozen=True, slots=True)
class Subject:
    """A flag seen from an experiment in one environment; ``version`` is what the API shows for it there."""

    flag: Document
    config: Mapping[str, Any]
    version: int
    place: Place

    @classmethod
    def of(cls, work: Work, place: Place, flag_key: str) -> "Subject":
        """The flag of a key; raises ``Invalid`` if there is none."""
        found = cls.find(work, place, flag_key)
        if found is None:
            project = addresses.name(place.project)
            raise Invalid(f"flags: there is no flag '{flag_key}' in project '{project}'")
        return found

    @classmethod
    def find(cls, work: Work, place: Place, flag_key: str) -> "Subject | None":
        """The flag of a key, or nothing."""
        flag = work.find(f"{place.project}:env/*:flag/{flag_key}")
        if flag is None:
            return None
        facet = work.facets(flag, [place.environment_key])[place.environment_key]
        return cls(flag, facet.body, work.facet_version(flag, facet), place)

    @property
    def key(self) -> str:
        """The flag's key."""
        return addresses.name(self.flag.address)

    def rule(self, rule_id: str) -> Rule:
        """The rule of an id (``fallthrough`` for the default one); raises ``Invalid`` if there is none."""
        at = f"/environments/{self.place.environment_key}"
        if rule_id == FALLTHROUGH:
            return Rule(f"{at}/fallthrough", self.config["fallthrough"])
        for index, rule in enumerate(self.config["rules"]):
            if rule["_id"] == rule_id:
                return Rule(f"{at}/rules/{index}", rule)
        raise Invalid(
            f"flags.{self.key}.ruleId: the flag has no rule '{rule_id}' in '{self.place.environment_key}'; give the "
            f"_id of one of its rules, or '{FALLTHROUGH}' for the default one"
        )

    def variation(self, variation_id: str, what: str) -> int:
        """The index of a variation; raises ``Invalid`` saying what names it if there is none."""
        for index, variation in enumerate(self.flag.body["variations"]):
            if variation["_id"] == variation_id:
                return index
        raise Invalid(f"{what}: the flag '{self.key}' has no variation '{variation_id}'")

    def carrying(self, rule_id: str, rollout: Body) -> list[Body]:
        """The edits that let a rule serve an experiment's rollout."""
        return self._edits(rule_id, "rollout", rollout)

    def serving(self, rule_id: str, variation: int) -> list[Body]:
        """The edits that let a rule serve one variation to everybody it matches."""
        return self._edits(rule_id, "variation", variation)

    def edit(self, work: Work, edits: Sequence[Body], comment: str) -> None:
        """Make edits (JSON Patch) as one change; ``comment`` says why unless the actor does."""
        said = work.comment
        work.patch(self.flag.address, Patch("json", edits, said or comment))
        work.comment = said

    def _edits(self, rule_id: str, member: str, value: Any) -> list[Body]:
        rule = self.rule(rule_id)
        gone = [name for name in ("variation", "rollout") if name in rule.content and name != member]
        return [
            *({"op": "remove", "path": f"{rule.pointer}/{name}"} for name in gone),
            {"op": "add", "path": f"{rule.pointer}/{member}", "value": value},
        ]


def rollout_of(slices: Sequence[Slice], *, outside: int, unit: str, seed: int, can_reshuffle: bool) -> Body:
    """A rollout as flags store it; ``outside`` is the variation of those who are not in the experiment."""
    variations = [
        {"variation": outside, "weight": weight, "_untracked": True}
        if variation is None
        else {"variation": variation, "weight": weight}
        for variation, weight in slices
    ]
    allocation = {"defaultVariation": outside, "canReshuffle": can_reshuffle, "type": EXPERIMENT}
    return {"variations": variations, "contextKind": unit, "seed": seed, "experimentAllocation": allocation}
