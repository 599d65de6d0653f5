"""Why a context belongs to a segment or not, and what the clauses that ask for segments make of it."""

from collections.abc import Callable, Iterator, Mapping

from msgspec import UNSET

from flaghoist.evaluation import wire
from flaghoist.evaluation.big_segments import NOT_CONFIGURED, Memberships, context_hash, segment_reference
from flaghoist.evaluation.bucketing import WHOLE
from flaghoist.evaluation.clauses import SEGMENT_MATCH
from flaghoist.evaluation.compiled import Kinds, Matcher, Trail
from flaghoist.evaluation.context import USER
from flaghoist.evaluation.explaining import clauses as attribute_clauses
from flaghoist.evaluation.explaining.rollouts import explain_place
from flaghoist.evaluation.explaining.trace import (
    BigSegmentTrace,
    ClauseTrace,
    RolloutTrace,
    SegmentAsked,
    SegmentRuleTrace,
    SegmentTrace,
)
from flaghoist.evaluation.segments import (
    compile_segment,
    compile_sound_segment,
    listed,
    segment_bucketing,
    segment_seed,
)

Find = Callable[[str], wire.Item | None]


class Segments:
    """The segments met while a flag is explained to one context; ``traces`` holds each that was asked for."""

    def __init__(self, kinds: Kinds, find: Find, memberships: Memberships | None) -> None:
        self.traces: dict[str, SegmentTrace] = {}
        self._kinds = kinds
        self._find = find
        self._memberships = memberships
        self._trail = Trail({}, {}, memberships)
        self._path: tuple[str, ...] = ()

    @property
    def big_segments_status(self) -> str | None:
        """The worst thing that befell a look-up of big segments."""
        return self._trail.big_segments_status

    def clauses(self, clauses: list[wire.Item], steps: list[ClauseTrace]) -> bool:
        """Whether all clauses match, each written down; those after the first that fails are asked aside.

        Raises ``Malformed`` like their evaluation.
        """
        holds = True
        for clause in clauses:
            step = attribute_clauses.begin(clause, asked=holds)
            steps.append(step)
            if not holds:
                self._ask_aside(step, clause)
            elif step.op == SEGMENT_MATCH:
                holds = self._segment_match(step, clause)
            else:
                attribute_clauses.tell(step, clause, self._kinds)
                holds = attribute_clauses.settle(step, clause, self._kinds, self._trail)
        return holds

    def _ask_aside(self, step: ClauseTrace, clause: wire.Item) -> None:
        """What a clause would have answered: it touches nothing that the decision rests on."""
        trail = Trail({}, _Compiled(self._find), self._memberships)
        if step.op != SEGMENT_MATCH:
            attribute_clauses.tell(step, clause, self._kinds)
        try:
            matched = attribute_clauses.settle(step, clause, self._kinds, trail)
        except (wire.Malformed, RecursionError):
            return
        if step.op == SEGMENT_MATCH:
            step.because = "inSegment" if matched is not step.negate else "inNoSegment"

    def _segment_match(self, step: ClauseTrace, clause: wire.Item) -> bool:
        member = False
        for key in wire.required_values(clause, "values"):
            if not isinstance(key, str):
                continue
            segment = self._find(key)
            if segment is None or segment.get("deleted"):
                step.segments.append(SegmentAsked(key=key, member=None))
                continue
            try:
                member = self._member(key, segment)
            except wire.Malformed as malformed:
                step.malformed = str(malformed)
                raise
            step.segments.append(SegmentAsked(key=key, member=member))
            if member:
                break
        step.because = "inSegment" if member else "inNoSegment"
        step.answer = "matched" if member is not step.negate else "notMatched"
        return member is not step.negate

    def _member(self, key: str, segment: wire.Item) -> bool:
        """Whether the context belongs to a segment, explained once. Raises ``Malformed`` like its evaluation."""
        if key in self._path:
            raise wire.Malformed(f"segment {key!r} depends on itself")
        known = self.traces.get(key)
        if known is not None and known.malformed is UNSET:
            return known.member
        step = self.traces[key] = SegmentTrace(key=key)
        before = self._path
        self._path = (*before, key)
        try:
            compile_sound_segment(segment)
            step.member = self._belongs(step, segment)
        except wire.Malformed as malformed:
            step.malformed, step.decided_by = str(malformed), "malformed"
            raise
        finally:
            self._path = before
        return step.member

    def _belongs(self, step: SegmentTrace, segment: wire.Item) -> bool:
        step.rules = [SegmentRuleTrace(index=index) for index, _ in enumerate(wire.items(segment, "rules"))]
        named = self._stored(step, segment) if wire.truth(segment, "unbounded") else self._named(step, segment)
        return self._by_rules(step, segment) if named is None else named

    def _named(self, step: SegmentTrace, segment: wire.Item) -> bool | None:
        for kind, keys in listed(segment, "included", "includedContexts"):
            if kind in self._kinds and self._kinds[kind]["key"] in keys:
                step.decided_by, step.listed_kind = "included", kind
                return True
        for kind, keys in listed(segment, "excluded", "excludedContexts"):
            if kind in self._kinds and self._kinds[kind]["key"] in keys:
                step.decided_by, step.listed_kind = "excluded", kind
                return False
        return None

    def _stored(self, step: SegmentTrace, segment: wire.Item) -> bool | None:
        kind = wire.text(segment, "unboundedContextKind") or USER
        generation = wire.whole(segment, "generation")
        reference = None if generation is None else segment_reference(wire.required_text(segment, "key"), generation)
        step.decided_by = "store"
        big = step.big = BigSegmentTrace(context_kind=kind, reference=reference)
        if reference is None:
            self._trail.note_status(NOT_CONFIGURED)
            big.status = NOT_CONFIGURED
            return False
        if kind not in self._kinds:
            return False
        membership = self._trail.membership(context_hash(self._kinds[kind]["key"]))
        if membership is None:
            big.status = NOT_CONFIGURED
            return False
        big.status, big.listed = membership.status, membership.segments.get(reference)
        return big.listed

    def _by_rules(self, step: SegmentTrace, segment: wire.Item) -> bool:
        step.decided_by = "nothing"
        for rule_step, rule in zip(step.rules, wire.items(segment, "rules"), strict=True):
            if self._gathers(rule_step, segment, rule):
                step.decided_by = "rule"
                return True
        return False

    def _gathers(self, step: SegmentRuleTrace, segment: wire.Item, rule: wire.Item) -> bool:
        step.answer = "malformed"
        if not self.clauses(wire.required_items(rule, "clauses"), step.clauses):
            step.answer = "notMatched"
            return False
        weight = wire.whole(rule, "weight")
        inside = weight is None or self._inside(step, segment, rule, weight)
        step.answer = "matched" if inside else "outsideShare"
        return inside

    def _inside(self, step: SegmentRuleTrace, segment: wire.Item, rule: wire.Item, weight: int) -> bool:
        bucketing = segment_bucketing(segment, rule)
        step.weight = weight
        step.rollout = RolloutTrace(
            kind="rollout",
            context_kind=bucketing.kind,
            attribute=wire.text(rule, "bucketBy") or "key",
            seed=segment_seed(segment),
        )
        return explain_place(step.rollout, bucketing, self._kinds) < weight / WHOLE


class _Compiled(Mapping[str, Matcher]):
    """Segments made ready for evaluation as they are asked for."""

    def __init__(self, find: Find) -> None:
        self._find = find

    def __getitem__(self, key: str) -> Matcher:
        segment = self._find(key)
        if segment is None or segment.get("deleted"):
            raise KeyError(key)
        return compile_segment(segment)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
