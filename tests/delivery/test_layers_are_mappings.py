"""Layers are told apart from a plain mapping by nothing but what a change costs."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from flaghoist.delivery.layers import CHANGES_MAX, Layers

KEYS = st.integers(0, 9)


class Changing(RuleBasedStateMachine):
    """The same changes to layers and to a dictionary; what they were before stays as it was."""

    def __init__(self) -> None:
        super().__init__()
        self.plain: dict[int, int] = dict.fromkeys(range(5), 0)
        self.layers: Layers[int, int] = Layers(dict(self.plain))
        self.before: list[tuple[Layers[int, int], dict[int, int]]] = []

    @rule(changed=st.dictionaries(KEYS, st.none() | st.integers(0, 5), max_size=3))
    def change(self, changed: dict[int, int | None]) -> None:
        self.before.append((self.layers, dict(self.plain)))
        self.layers = self.layers.with_changes(changed)
        self.plain = {key: value for key, value in {**self.plain, **changed}.items() if value is not None}

    @invariant()
    def is_the_same(self) -> None:
        for layers, plain in [*self.before[-3:], (self.layers, self.plain)]:
            assert dict(layers) == dict(layers.items()) == plain
            assert len(layers) == len(plain)
            assert sorted(layers.values()) == sorted(plain.values())
            assert [key in layers for key in range(10)] == [key in plain for key in range(10)]
            assert [layers.get(key) for key in range(10)] == [plain.get(key) for key in range(10)]


TestChanging = Changing.TestCase


@given(st.integers(1, 3 * CHANGES_MAX))
def test_many_changes_are_made_one_with_what_is_shared(changes: int) -> None:
    layers: Layers[int, int] = Layers({})
    for key in range(changes):
        layers = layers.with_changes({key: key})
    assert dict(layers) == {key: key for key in range(changes)}
    assert len(layers._changed) <= CHANGES_MAX
