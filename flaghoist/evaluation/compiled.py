"""What flags and segments become: matchers and results, and the trail they leave while one context is evaluated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flaghoist.evaluation.big_segments import NOT_CONFIGURED, Membership, Memberships, worse
from flaghoist.evaluation.reasons import Result
from flaghoist.evaluation.references import Path
from flaghoist.evaluation.rollouts import Served

Kinds = Mapping[str, Mapping[str, Any]]


class Trail:
    """What one evaluation needs and remembers: where to look, where it has been, what it found out."""

    __slots__ = (
        "big_segments_status",
        "flag_path",
        "flags",
        "known_memberships",
        "memberships",
        "segment_path",
        "segments",
        "survey",
    )

    flag_path: tuple[str, ...]
    segment_path: tuple[str, ...]
    big_segments_status: str | None
    known_memberships: dict[str, Membership] | None
    survey: "Survey | None"

    def __init__(
        self, flags: "Mapping[str, Flag]", segments: "Mapping[str, Matcher]", memberships: Memberships | None
    ) -> None:
        self.flags = flags
        self.segments = segments
        self.memberships = memberships
        self.flag_path = self.segment_path = ()
        self.big_segments_status = self.known_memberships = self.survey = None

    def begin(self) -> None:
        """Forget the flag evaluated before; keep what is true of the context."""
        self.flag_path = self.segment_path = ()
        self.big_segments_status = None

    def membership(self, context_hash: str) -> Membership | None:
        """What the store of big segments knows of a context, asked once; None if there is no store."""
        if self.memberships is None:
            self.note_status(NOT_CONFIGURED)
            return None
        if self.known_memberships is None:
            self.known_memberships = {}
        membership = self.known_memberships.get(context_hash)
        if membership is None:
            membership = self.known_memberships[context_hash] = self.memberships(context_hash)
        self.note_status(membership.status)
        return membership

    def note_status(self, status: str) -> None:
        """Remember the worst thing that befell a look-up of big segments."""
        self.big_segments_status = worse(self.big_segments_status, status)


class Survey:
    """What is remembered from flag to flag when many are evaluated for one context."""

    __slots__ = ("known_results", "prerequisites")

    def __init__(self) -> None:
        self.known_results: dict[str, Result] = {}
        self.prerequisites: tuple[str, ...] = ()  # direct ones of the present flag, as far as they were evaluated

    def result(self, flag: "Flag", kinds: Kinds, trail: Trail) -> Result:
        """What a prerequisite serves, found once for all flags that depend on it."""
        result = self.known_results.get(flag.key)
        if result is None:
            result = flag.decide(kinds, trail)
            # A result that rests on big segments brings a status along: it is found again for each flag.
            if trail.big_segments_status is None:
                self.known_results[flag.key] = result
        return result


Matcher = Callable[[Kinds, Trail], bool]
Decide = Callable[[Kinds, Trail], Result]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Clause:
    """One question about a context; those that ask the same are one object, in whatever flags they stand.

    ``column`` is the kind, the path and the operator of a clause about an attribute, which compares it with what is
    ``wanted``. ``is_lasting`` says that asking may take long,
    ``is_risky`` that the answer may be more than yes or no: a failure, or a status of big segments.
    """

    matches: Matcher
    column: tuple[str, Path, str] | None = None
    wanted: tuple[Any, ...] = ()
    negate: bool = False
    is_lasting: bool = False
    is_risky: bool = False


class Rule(NamedTuple):
    """What is served where all clauses hold."""

    clauses: tuple[Clause, ...]
    served: Served


Targets = list[tuple[str, dict[str, Result]]]
"""Results by key for one kind after the other, in the order in which they are looked at."""


class Plan(NamedTuple):
    """How a flag that is on, and depends on no other flag, decides: targets, rules, fallthrough, in this order."""

    targets: Targets
    rules: tuple[Rule, ...]
    fallthrough: Served


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag ready to be evaluated, with what its events and its clients need to know of it."""

    key: str
    version: int
    on: bool
    decide: Decide
    plan: Plan | None = None
    track_events: bool = False
    debug_events_until_date: int | float | None = None
    using_environment_id: bool = False
    using_mobile_key: bool = False
