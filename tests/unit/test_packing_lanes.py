"""Whatever is put, taken, put back and released: nothing is lost, doubled, or out of order within its lane."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undertow.adapters.sqs.lanes import Lanes

LANE_BYTES, BATCH_BYTES = 100, 250

actions = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("abcde"), st.integers(1, 120)),
        st.tuples(st.just("take"), st.integers(1, 4), st.just(0)),
        st.tuples(st.just("release"), st.integers(0, 9), st.booleans()),
    ),
    max_size=120,
)


@settings(max_examples=400, deadline=None)
@given(actions)
def test_each_lane_leaves_in_order_one_message_at_a_time(history: list[tuple[str, str | int, int]]) -> None:
    lanes: Lanes[int] = Lanes()
    came: dict[str, list[int]] = defaultdict(list)
    left: dict[str, list[int]] = defaultdict(list)
    under_way: dict[str, list[tuple[int, int, int]]] = {}
    for number, (action, what, extra) in enumerate(history):
        if action == "put":
            lanes.put(str(what), number, int(extra))
            came[str(what)].append(number)
        elif action == "take":
            for lane, items in lanes.take(int(what), LANE_BYTES, BATCH_BYTES):
                assert lane not in under_way
                assert items
                assert len(items) == 1 or sum(size for _, size, _ in items) <= LANE_BYTES
                under_way[lane] = items
        elif under_way:
            lane = sorted(under_way)[int(what) % len(under_way)]
            items = under_way.pop(lane)
            if extra and len(items) > 1:
                lanes.put_back(lane, items[1:])
                items = items[:1]
            left[lane] += [item for _, _, item in items]
            lanes.release(lane)
        waiting = sum(map(len, came.values())) - sum(map(len, left.values())) - sum(map(len, under_way.values()))
        assert lanes.count == waiting
    for lane in list(under_way):
        left[lane] += [item for _, _, item in under_way.pop(lane)]
        lanes.release(lane)
    while not lanes.is_empty:
        for lane, items in lanes.take(10, LANE_BYTES, BATCH_BYTES):
            left[lane] += [item for _, _, item in items]
            lanes.release(lane)
    assert left == came
    assert (lanes.count, lanes.size) == (0, 0)


def test_lanes_are_served_in_the_order_in_which_they_became_ready() -> None:
    lanes: Lanes[str] = Lanes()
    for lane in ("a", "b", "a", "c"):
        lanes.put(lane, lane, 1)
    assert [lane for lane, _ in lanes.take(2, 10, 10)] == ["a", "b"]
    lanes.put("a", "again", 1)
    lanes.release("a")
    assert [lane for lane, _ in lanes.take(9, 10, 10)] == ["c", "a"]


def test_a_batch_is_full_when_its_bytes_are_spent() -> None:
    lanes: Lanes[str] = Lanes()
    for lane in "abc":
        lanes.put(lane, lane, 90)
    assert [lane for lane, _ in lanes.take(10, 100, 200)] == ["a", "b"]


def test_an_item_that_fits_nowhere_leaves_alone() -> None:
    lanes: Lanes[str] = Lanes()
    lanes.put("a", "huge", 1_000)
    lanes.put("a", "small", 1)
    lanes.put("b", "other", 1)
    ((lane, items),) = lanes.take(10, 100, 200)
    assert (lane, [item for _, _, item in items]) == ("a", ["huge"])


def test_the_item_that_waited_longest_is_given_up_first_wherever_it_waits() -> None:
    lanes: Lanes[int] = Lanes()
    for number, lane in enumerate("abacb"):
        lanes.put(lane, number, 1)
    ((lane, _),) = lanes.take(1, 1, 10)
    assert lane == "a"
    assert [lanes.drop_oldest() for _ in range(4)] == [1, 2, 3, 4]
    assert lanes.count == 0
    assert not lanes.is_empty
    lanes.release("a")
    assert lanes.is_empty


def test_whole_lanes_can_be_given_up_while_one_of_their_messages_is_under_way() -> None:
    lanes: Lanes[int] = Lanes()
    for number, lane in enumerate(["main#A", "main#B", "other#A", "main#A"]):
        lanes.put(lane, number, 10)
    lanes.take(1, 10, 10)
    assert sorted(lanes.drop_where(lambda lane: lane.startswith("main#"))) == [1, 3]
    assert (lanes.count, lanes.size) == (1, 10)
    lanes.release("main#A")
    assert [lane for lane, _ in lanes.take(10, 100, 100)] == ["other#A"]


def test_nothing_to_give_up_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        Lanes().drop_oldest()
