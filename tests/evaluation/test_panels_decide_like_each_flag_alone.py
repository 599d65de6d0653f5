"""Many flags that decide together answer what each of them answers alone, and ask less."""

from collections.abc import Iterator
from typing import Any

from flag_worlds import World, in_the_suite, worlds
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.evaluation.clauses import compile_clause
from flaghoist.evaluation.context import Context, parse_context
from flaghoist.evaluation.flags import compile_flag
from flaghoist.evaluation.panel import Panel
from flaghoist.evaluation.ruleset import Ruleset


@in_the_suite
@given(st.lists(worlds(), min_size=4, max_size=4))
def test_many_flags_answer_as_each_answers_alone(several: list[World]) -> None:
    flags = {f"{number}-{key}": flag for number, world in enumerate(several) for key, flag in world["flags"].items()}
    ruleset = Ruleset.build({key: {**flag, "key": key} for key, flag in flags.items()}, several[0]["segments"])
    shown = ruleset.shown(None)
    panel = Panel(shown)
    for document in (document for world in several for document in world["contexts"]):
        context = parse_context(document)
        results, alone = ruleset.asking(context).panel(panel)
        for place, (flag, result) in enumerate(zip(shown, results, strict=True)):
            if place in alone:
                assert result is None
            else:
                assert result == ruleset.evaluate(flag.key, context), f"{flags[flag.key]} for {document}"


def test_flags_without_prerequisites_patterns_and_broken_parts_are_never_asked_alone() -> None:
    rules = [
        {"clauses": [_clause("country", "in", "NZ", "AU"), _clause("email", "endsWith", "@a.example")], "variation": 0},
        {"clauses": [_clause("beta", "segmentMatch", "beta")], "variation": 0},
        {"clauses": [_clause("age", "greaterThan", 30), _clause("age", "lessThanOrEqual", 40)], "variation": 1},
    ]
    flags = [_flag(f"f{number}", rules=rules[number % 3 :]) for number in range(300)]
    segment = {"key": "beta", "version": 1, "included": ["ann"], "rules": []}
    ruleset = Ruleset.build({flag["key"]: flag for flag in flags}, {"beta": segment})
    panel = Panel(ruleset.shown(None))
    for person in ({"key": "ann"}, {"key": "bob", "country": "AU", "email": "b@a.example"}, {"key": "cat", "age": 40}):
        context = parse_context({"kind": "user", **person})
        results, alone = ruleset.asking(context).panel(panel)
        assert not alone
        assert results == [ruleset.evaluate(flag.key, context) for flag in ruleset.shown(None)]


def test_lists_and_odd_values_match_as_they_do_alone_negated_or_not() -> None:
    asked = {
        "in": ["b", "no"], "startsWith": ["be", "x"], "endsWith": ["ta", "x"], "contains": ["et"],
        "lessThan": [10], "lessThanOrEqual": [7], "greaterThan": [7], "greaterThanOrEqual": [7.5],
        "before": ["2020-01-01T00:00:00Z"], "after": [1_577_836_800_000],
        "semVerLessThan": ["2.0.0"], "semVerGreaterThan": ["2.0.0"], "semVerEqual": ["2.0"],
    }  # fmt: skip
    values = [
        "b", "beta", "1.9.0", "2.0.0", "3.1.4", "2021-05-06T07:08:09Z", 7, 7.5, 10, 1_500_000_000_000, True, None, {},
        [], ["b"], ["no", "b"], ["neither"], ["beta", 3], [5, 50], [50, 60], ["1.0.0", "9.0.0"], ["2.0.0", "2.0"],
        [None, "b"], [["b"]], [{}], [1_500_000_000_000], [1_600_000_000_000],
    ]  # fmt: skip
    flags = [
        _flag(f"{op}-{negate}", rules=[{"clauses": [{**_clause("it", op, *wanted), "negate": negate}], "variation": 0}])
        for op, wanted in asked.items()
        for negate in (False, True)
    ]
    ruleset = Ruleset.build({flag["key"]: flag for flag in flags}, {})
    panel = Panel(ruleset.shown(None))
    matched = set()
    for value in values:
        context = parse_context({"kind": "user", "key": "ann", "it": value})
        results, alone = ruleset.asking(context).panel(panel)
        assert not alone
        for flag, result in zip(ruleset.shown(None), results, strict=True):
            assert result == ruleset.evaluate(flag.key, context), f"{flag.key} for {value!r}"
            matched.add((flag.key, isinstance(value, list), result.variation))
    for flag in flags:
        for is_list in (True, False):
            assert {(flag["key"], is_list, variation) for variation in (0, 1)} <= matched, "some side was never seen"


def test_an_attribute_is_looked_at_once_for_each_way_in_which_it_is_compared() -> None:
    def flag(number: int) -> World:
        clauses = [_clause("country", "in", f"C{number}"), _clause("age", "greaterThan", number)]
        return _flag(f"f{number:03}", rules=[{"clauses": clauses, "variation": 0}])

    panel = Panel([compile_flag(f"f{number:03}", flag(number)) for number in range(500)])
    person = _Counting({"kind": "user", "key": "ann", "anonymous": False, "country": "C7", "age": 30})
    results, _ = Ruleset({}, {}).asking(Context({"user": person})).panel(panel)
    assert [number for number, result in enumerate(results) if result and result.variation == 0] == [7]
    assert person.looks == {"country": 1, "age": 1}


def test_clauses_that_ask_the_same_are_one_and_others_are_not() -> None:
    first, second = (compile_clause(_clause("age", "in", 1, "a")) for _ in range(2))
    assert first is second
    different = [
        _clause("age", "in", True, "a"),
        _clause("age", "in", 1.5, "a"),
        _clause("name", "in", 1, "a"),
        _clause("age", "startsWith", 1, "a"),
        {**_clause("age", "in", 1, "a"), "negate": True},
        {**_clause("age", "in", 1, "a"), "contextKind": "org"},
    ]
    assert len({first, *map(compile_clause, different)}) == 7


class _Counting(dict[str, Any]):
    """Attributes that note how often each is looked at beside the key."""

    def __init__(self, attributes: dict[str, Any]) -> None:
        super().__init__(attributes)
        self.looks: dict[str, int] = {}

    def get(self, name: str, default: Any = None) -> Any:
        self.looks[name] = self.looks.get(name, 0) + 1
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("all attributes are gone through")


def _flag(key: str, **different: Any) -> World:
    sound = {"key": key, "version": 1, "on": True, "variations": [True, False], "fallthrough": {"variation": 1}}
    return {**sound, "salt": "salt", **different}


def _clause(attribute: str, op: str, *values: Any) -> World:
    return {"attribute": attribute, "op": op, "values": list(values), "negate": False}
