"""Many flags that decide together for one context: what several ask is asked once, and rules are weighed all at a time.

Every rule is a bit of one long integer. A clause that fails takes away the bits of all rules that ask it, and for each
attribute, the rules that find what they look for in its value are one look-up. What is left are the rules that
match; the first of each flag serves.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Any

from flaghoist.evaluation import references, wire
from flaghoist.evaluation.columns import Bits, Column, Rules, bits_of, is_kept_in_columns
from flaghoist.evaluation.compiled import Clause, Flag, Kinds, Plan, Trail
from flaghoist.evaluation.reasons import Result
from flaghoist.evaluation.rollouts import Rollout, Served
from flaghoist.evaluation.targets import targeted

SPOILT = (wire.Malformed, RecursionError)
"""What malformed flags raise: the latter where hundreds of flags or segments lean on each other."""

_Place = int
_TRUTHS = bytes(int(code == ord("1")) for code in range(256))


class Panel:
    """Some flags of one environment; never altered."""

    def __init__(self, flags: Sequence[Flag]) -> None:
        plans = [(place, flag.plan) for place, flag in enumerate(flags) if flag.plan and not _is_lasting(flag.plan)]
        # Those with the most rules come first: the flags that have a third rule are then the first few of all.
        plans.sort(key=lambda each: -len(each[1].rules))
        self._usual: list[Any] = [None] * len(flags)
        for place, plan in plans:
            self._usual[place] = plan.fallthrough
        self._places = [place for place, _ in plans]
        self._alone = sorted(set(range(len(flags))) - set(self._places))
        self._rollouts = sorted(place for place, plan in plans if _has_rollout(plan))
        self._targeted = [(place, plan.targets) for place, plan in plans if plan.targets]
        self._rank(plans)
        self._take_apart(plans)

    def results(self, kinds: Kinds, trail: Trail) -> tuple[list[Result | None], Sequence[int]]:
        """What each flag serves, in their order, and the places of those that must be asked alone instead."""
        results: list[Any] = self._usual.copy()
        matching, doubtful = self._matching(kinds, trail)
        free = (1 << len(self._places)) - 1
        for entries, offset, everyone in self._ranks:
            hit = matching >> offset & everyone & free
            if hit:
                free ^= hit
                for place, served in compress(entries, _selectors(hit)):
                    results[place] = served
        self._take_targets(results, kinds)
        alone = [*self._alone, *self._flags_of(doubtful), *self._share_out(results, kinds)]
        for place in alone:
            results[place] = None
        return results, alone

    def _rank(self, plans: list[tuple[_Place, Plan]]) -> None:
        """Give every rule a bit: first come the first rules of all flags, then the second ones, and so on."""
        self._ranks: list[tuple[list[tuple[_Place, Served]], int, Bits]] = []
        offset = 0
        for number in range(len(plans[0][1].rules) if plans else 0):
            entries = [(place, plan.rules[number].served) for place, plan in plans if len(plan.rules) > number]
            self._ranks.append((entries, offset, (1 << len(entries)) - 1))
            offset += len(entries)
        self._rules = offset

    def _take_apart(self, plans: list[tuple[_Place, Plan]]) -> None:
        """Find out which rules ask what."""
        columns: dict[tuple[str, references.Path, str], dict[Clause, Rules]] = defaultdict(lambda: defaultdict(list))
        asking: dict[Clause, Rules] = defaultdict(list)
        for position, (_, plan) in enumerate(plans):
            for rule, (_, offset, _) in zip(plan.rules, self._ranks, strict=False):
                kept = set()
                for clause in rule.clauses:
                    # A second clause of the same sort in one rule is a question of its own.
                    if clause.column and clause.column not in kept and is_kept_in_columns(clause):
                        kept.add(clause.column)
                        columns[clause.column][clause].append(offset + position)
                    else:
                        asking[clause].append(offset + position)
        self._all = (1 << self._rules) - 1
        self._columns = [
            (kind, path[0], path[1:], Column(operator, clauses, self._rules))
            for (kind, path, operator), clauses in columns.items()
        ]
        asked = [(clause, bits_of(places, self._rules)) for clause, places in asking.items()]
        self._risky = [(clause.matches, rules, self._all ^ rules) for clause, rules in asked if clause.is_risky]
        self._sure = [(clause.matches, rules, self._all ^ rules) for clause, rules in asked if not clause.is_risky]

    def _matching(self, kinds: Kinds, trail: Trail) -> tuple[Bits, Bits]:
        """The rules that match, and those that have to be looked at one by one to tell."""
        matching, doubtful = self._all, 0
        for kind, name, names, column in self._columns:
            attributes = kinds.get(kind)
            value = None if attributes is None else attributes.get(name)
            matching &= column.holding(references.descend(value, names) if names else value)
        for matches, rules, others in self._sure:
            if matching & rules:
                try:
                    if not matches(kinds, trail):
                        matching &= others
                except SPOILT:
                    doubtful |= rules
        for matches, rules, others in self._risky:
            trail.begin()
            try:
                if not matches(kinds, trail):
                    matching &= others
            except SPOILT:
                doubtful |= rules
            if trail.big_segments_status is not None:
                doubtful |= rules
        trail.begin()
        return matching, doubtful

    def _take_targets(self, results: list[Any], kinds: Kinds) -> None:
        for place, targets in self._targeted:
            result = targeted(targets, kinds)
            if result is not None:
                results[place] = result

    def _share_out(self, results: list[Any], kinds: Kinds) -> list[_Place]:
        """Put results where rollouts are; the places of those that fail."""
        failing = []
        texts: dict[str | None, bytes] = {
            kind: attributes["key"].encode("utf-8", "surrogatepass") for kind, attributes in kinds.items()
        }
        for place in self._rollouts:
            served = results[place]
            if served.__class__ is not Rollout:
                continue
            text = texts.get(served.key_of)
            if text is not None:
                digest = served.begun.copy()
                digest.update(text)
                results[place] = served.at(digest.digest())
                continue
            try:
                results[place] = served.to(kinds)
            except wire.Malformed:
                failing.append(place)
        return failing

    def _flags_of(self, rules: Bits) -> Iterator[_Place]:
        if not rules:
            return
        for entries, offset, everyone in self._ranks:
            yield from (place for place, _ in compress(entries, _selectors(rules >> offset & everyone)))


def _selectors(bits: Bits) -> bytes:
    """A byte for each bit up to the highest one that is set: 1 where it is."""
    return bin(bits)[:1:-1].encode().translate(_TRUTHS)


def _is_lasting(plan: Plan) -> bool:
    """Whether a plan asks what may take long: it is then asked only where the flag comes to it."""
    return any(clause.is_lasting for rule in plan.rules for clause in rule.clauses)


def _has_rollout(plan: Plan) -> bool:
    return any(served.__class__ is Rollout for served in (plan.fallthrough, *(rule.served for rule in plan.rules)))
