"""Positions: one number that holds the time of receipt, the payload and the place in it."""

from hypothesis import given
from hypothesis import strategies as st

from flaghoist.store.position import EPOCH_MS, PLACES, Positions, first_at, payload_start, received_at

ARRIVALS = st.lists(
    st.tuples(st.integers(-3, 3), st.sampled_from([1, 2, PLACES, PLACES + 1, 3 * PLACES])), min_size=1, max_size=300
)


@given(ARRIVALS)
def test_events_never_share_a_position_and_payloads_never_mix(arrivals: list[tuple[int, int]]) -> None:
    positions, clock = Positions(), EPOCH_MS + 10**12
    last_end, last_received = 0, 0
    for step, events in arrivals:
        clock += step
        first = positions.next(clock, events)
        last = first + events - 1
        assert first >= last_end
        assert received_at(first) == received_at(last) >= max(clock, last_received)
        assert payload_start(first) == payload_start(last) == first
        assert first < 1 << 63
        last_end, last_received = last + 1, received_at(last)


@given(st.integers(1, 400))
def test_a_crowded_millisecond_borrows_from_the_next(payloads: int) -> None:
    positions, clock = Positions(), EPOCH_MS + 10**12
    times = [received_at(positions.next(clock, 1)) for _ in range(payloads)]
    assert times[-1] - clock == (payloads - 1) // 128


def test_positions_go_on_after_a_restart() -> None:
    before = Positions().next(EPOCH_MS + 5, 3)
    assert Positions.following(before).next(EPOCH_MS + 5, 1) > before + 2
    assert received_at(first_at(EPOCH_MS + 5)) == EPOCH_MS + 5
    assert first_at(0) == 0


def test_inboxes_with_slots_of_their_own_share_no_position() -> None:
    here, there = Positions(first_slot=0), Positions(first_slot=40)
    arrivals = [EPOCH_MS + 10**12 + number // 30 for number in range(300)]
    given = [positions.next(at, 3) for at in arrivals for positions in (here, there)]
    assert len(set(given)) == len(given)
    assert {received_at(position) for position in given} == set(arrivals), "all fit into their milliseconds"
