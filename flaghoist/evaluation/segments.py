"""Segments: named groups of contexts that clauses refer to."""

from flaghoist.evaluation import wire
from flaghoist.evaluation.big_segments import NOT_CONFIGURED, context_hash, segment_reference
from flaghoist.evaluation.bucketing import ABSENT, WHOLE, Bucketing, compile_bucketing, placer, places_below, seed_of
from flaghoist.evaluation.clauses import asks_for_segments, compile_clauses
from flaghoist.evaluation.compiled import Kinds, Matcher, Trail
from flaghoist.evaluation.context import USER

_Keys = list[tuple[str, frozenset[str]]]


def compile_segment(segment: wire.Item) -> Matcher:
    """Whether a context belongs to a segment, given as SDKs receive it; a malformed one fails whoever asks."""
    try:
        return compile_sound_segment(segment)
    except wire.Malformed as malformed:
        return _malformed(str(malformed))


def compile_sound_segment(segment: wire.Item) -> Matcher:
    """Whether a context belongs to a segment. Raises ``Malformed``."""
    key = wire.required_text(segment, "key")
    rules = wire.items(segment, "rules")
    by_rules = _any_of([compile_segment_rule(segment, rule) for rule in rules])
    matches = (
        _compile_unbounded(key, segment, by_rules)
        if wire.truth(segment, "unbounded")
        else _compile_bounded(segment, by_rules)
    )
    leads_on = any(asks_for_segments(wire.items(rule, "clauses")) for rule in rules)
    return _stopping_cycles(key, matches) if leads_on else matches


def _compile_bounded(segment: wire.Item, by_rules: Matcher) -> Matcher:
    included = listed(segment, "included", "includedContexts")
    excluded = listed(segment, "excluded", "excludedContexts")

    def match(kinds: Kinds, trail: Trail) -> bool:
        for kind, keys in included:
            if kind in kinds and kinds[kind]["key"] in keys:
                return True
        for kind, keys in excluded:
            if kind in kinds and kinds[kind]["key"] in keys:
                return False
        return by_rules(kinds, trail)

    return match


def _compile_unbounded(key: str, segment: wire.Item, by_rules: Matcher) -> Matcher:
    """A big segment: its store knows who is included or excluded, and its rules decide about the rest."""
    kind = wire.text(segment, "unboundedContextKind") or USER
    generation = wire.whole(segment, "generation")
    reference = "" if generation is None else segment_reference(key, generation)

    def match(kinds: Kinds, trail: Trail) -> bool:
        if not reference:
            trail.note_status(NOT_CONFIGURED)
            return False
        if kind not in kinds:
            return False
        membership = trail.membership(context_hash(kinds[kind]["key"]))
        if membership is None:
            return False
        included = membership.segments.get(reference)
        return by_rules(kinds, trail) if included is None else included

    return match


def _any_of(matchers: list[Matcher]) -> Matcher:
    if len(matchers) == 1:
        return matchers[0]

    def match(kinds: Kinds, trail: Trail) -> bool:
        for matches in matchers:  # noqa: SIM110 - a generator would cost more than the rules
            if matches(kinds, trail):
                return True
        return False

    return match


def segment_seed(segment: wire.Item) -> str:
    """What the hashed text of every rule with a weight begins with. Raises ``Malformed``."""
    return seed_of(wire.required_text(segment, "key"), wire.text(segment, "salt") or "")


def segment_bucketing(segment: wire.Item, rule: wire.Item) -> Bucketing:
    """How a rule of a segment finds a context's bucket. Raises ``Malformed``."""
    return compile_bucketing(
        wire.text(rule, "rolloutContextKind"), wire.text(rule, "bucketBy"), seed=segment_seed(segment)
    )


def compile_segment_rule(segment: wire.Item, rule: wire.Item) -> Matcher:
    """Whether a context is gathered by one rule of a segment. Raises ``Malformed``."""
    matches = compile_clauses(wire.required_items(rule, "clauses"))
    weight = wire.whole(rule, "weight")
    kind, read, seed, _ = segment_bucketing(segment, rule)
    if weight is None:
        return matches
    if_absent, place, below = weight / WHOLE > ABSENT, placer(seed), places_below(weight / WHOLE)

    def match(kinds: Kinds, trail: Trail) -> bool:
        if not matches(kinds, trail):
            return False
        attributes = kinds.get(kind)
        return if_absent if attributes is None else place(read(attributes)) < below

    return match


def _stopping_cycles(key: str, matches: Matcher) -> Matcher:
    """Only segments that lead on to others can come round to themselves."""

    def match(kinds: Kinds, trail: Trail) -> bool:
        before = trail.segment_path
        if key in before:
            raise wire.Malformed(f"segment {key!r} depends on itself")
        trail.segment_path = (*before, key)
        matched = matches(kinds, trail)
        trail.segment_path = before
        return matched

    return match


def _malformed(why: str) -> Matcher:
    def match(kinds: Kinds, trail: Trail) -> bool:
        raise wire.Malformed(why)

    return match


def listed(segment: wire.Item, users: str, contexts: str) -> _Keys:
    """The keys listed, by kind: users have a list of their own beside the one for any kind. Raises ``Malformed``."""
    keys: dict[str, set[str]] = {USER: set(wire.texts(segment, users))}
    for target in wire.items(segment, contexts):
        kind = wire.text(target, "contextKind") or USER
        keys.setdefault(kind, set()).update(wire.texts(target, "values"))
    return [(kind, frozenset(listed)) for kind, listed in keys.items() if listed]
