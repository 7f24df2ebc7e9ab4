"""How an entry ends: at its time and not before, with what filled meanwhile booked, protected and given back."""

from dataclasses import replace

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, HUNTER, NOW_MS, d, intent, order

from undertow.domain.follow_up import FollowUpKind
from undertow.domain.ids import ClientOrderId, Symbol
from undertow.domain.order import Order, OrderState, Purpose
from undertow.domain.outcome import Canceled, CancelOutcome, NotOpen, Unconfirmed, VenueReadFailed, VenueUnreachable
from undertow.ports import LONGEST_DELAY_S
from undertow.risk.approval import ApprovedOrder
from undertow.services.expire_order import is_due


@pytest.mark.parametrize(("later_ms", "due"), [(28_999, False), (29_000, True), (31_000, True)])
def test_an_entry_is_due_at_most_a_second_early(later_ms: int, due: bool) -> None:
    assert is_due(order(), NOW_MS + later_ms) is due


@pytest.mark.parametrize(
    "endless", [intent(ttl_s=None), intent(purpose=Purpose.EXIT), intent(purpose=Purpose.STOP_LOSS)]
)
def test_what_is_no_entry_or_has_no_time_to_live_is_never_due(endless: object) -> None:
    assert not is_due(order(of=endless), NOW_MS + 10**9)  # type: ignore[arg-type]


def test_an_entry_is_left_alone_until_its_time_is_up_and_then_cancelled_once(world: World) -> None:
    entry = world.entered()
    world.clock.advance(28_999)
    assert world.desk.expire(ACCOUNT, entry) == world.order(entry)
    assert world.venue.canceled == []
    world.clock.advance(1)
    ended = world.desk.expire(ACCOUNT, entry)
    assert ended is not None
    assert (ended.state, ended) == (OrderState.CANCELED, world.order(entry))
    assert world.desk.expire(ACCOUNT, entry) == ended
    assert world.venue.canceled == [entry]
    assert world.slot.reserved == {}


def test_the_end_of_an_order_that_nobody_knows_is_no_ones_business(world: World) -> None:
    assert world.desk.expire(ACCOUNT, ClientOrderId("ut-e-unknown")) is None


def test_what_filled_while_it_was_being_cancelled_is_booked_and_protected(world: World) -> None:
    entry = world.entered()
    world.venue.fill(entry, d("0.004"), d("100000"))
    world.clock.advance(30_000)
    ended = world.desk.expire(ACCOUNT, entry)
    assert ended is not None
    assert (ended.state, ended.filled_quantity) == (OrderState.CANCELED, d("0.004"))
    assert world.position.quantity == d("0.004")
    assert world.position.stop_order in world.venue.standing


def test_an_entry_that_ends_without_a_fill_asks_for_no_trades(world: World) -> None:
    entry = world.entered()
    world.venue.fills_failure = VenueReadFailed("not to be asked")
    world.clock.advance(30_000)
    ended = world.desk.expire(ACCOUNT, entry)
    assert ended is not None
    assert ended.state is OrderState.CANCELED


@pytest.mark.parametrize("failure", [VenueUnreachable("no route"), VenueReadFailed("time-out")])
def test_an_order_that_could_not_be_cancelled_keeps_its_state(world: World, failure: Exception) -> None:
    entry = world.entered()
    world.venue.cancel_failure = failure
    before = world.order(entry)
    assert world.desk.expire.cancel(ACCOUNT, before) == before == world.order(entry)


def test_an_order_whose_cancel_was_not_confirmed_keeps_its_state(world: World) -> None:
    entry = world.entered()
    before = world.order(entry)
    cancel = replace(world.desk.expire.cancel, venues=_Answering(Unconfirmed("503")))
    assert cancel(ACCOUNT, before) == before == world.order(entry)


def test_an_order_that_is_not_open_any_more_is_asked_about_and_never_taken_for_cancelled(world: World) -> None:
    entry = world.entered()
    world.venue.fill(entry, d("0.009"), d("100000"))
    ended = world.desk.expire.cancel(ACCOUNT, world.order(entry))
    assert (ended.state, ended) == (OrderState.FILLED, world.order(entry))
    assert world.venue.questions == [entry]


def test_an_order_that_is_neither_open_nor_known_keeps_its_state(world: World) -> None:
    entry = world.entered()
    before = world.order(entry)
    del world.venue.standing[entry]
    assert world.desk.expire.cancel(ACCOUNT, before) == before == world.order(entry)


class _Answering:
    """A venue that answers every cancel alike."""

    def __init__(self, outcome: CancelOutcome) -> None:
        self.outcome = outcome

    def trading(self, _account: object) -> "_Answering":
        return self

    def cancel(self, _symbol: Symbol, _order: ClientOrderId) -> CancelOutcome:
        assert not isinstance(self.outcome, Canceled | NotOpen)
        return self.outcome


def in_doubt(world: World, ttl_s: int = 30) -> Order:
    """The venue took the entry and its answer was lost; it may live for ``ttl_s``."""

    def loses_the_answer(approved: ApprovedOrder) -> Unconfirmed:
        world.venue.take(approved)
        return Unconfirmed("503")

    params = world.params.current()
    strategy = params.strategies[HUNTER]
    symbols = {BTC: replace(strategy.symbols[BTC], order_ttl_s=ttl_s)}  # type: ignore[arg-type]
    world.params.replace(replace(params, strategies={HUNTER: replace(strategy, symbols=symbols)}))  # type: ignore[arg-type]
    world.venue.answers = [loses_the_answer]
    found = world.order(world.entered())
    world.clock.advance(2_000)
    world.follow_ups.due()
    return found


@pytest.mark.parametrize(
    ("ttl_s", "waited_ms", "after_s"),
    [(30, 0, 28), (30, 500, 28), (30, 8_001, 20), (30, 40_000, 0), (3_600, 0, LONGEST_DELAY_S)],
)
def test_an_entry_that_was_in_doubt_and_stands_is_ended_when_what_is_left_of_its_time_is_up(
    world: World, ttl_s: int, waited_ms: int, after_s: int
) -> None:
    doubtful = in_doubt(world, ttl_s)
    world.clock.advance(waited_ms)
    found = world.desk.resolve(ACCOUNT, doubtful.client_order_id, attempt=0)
    assert found is not None
    assert found.state is OrderState.OPEN
    found_ms, due = world.clock.now_ms(), {}
    while (next_ms := world.follow_ups.next_due_ms()) is not None:
        world.clock.advance(max(0, next_ms - world.clock.now_ms()))
        for item in world.follow_ups.due():
            assert (item.order, item.attempt, item.created_at_ms) == (doubtful.client_order_id, 0, found_ms)
            due[item.kind] = (world.clock.now_ms() - found_ms) / 1_000
    assert due == {FollowUpKind.CHECK_ENTRY: 2, FollowUpKind.EXPIRE_ORDER: after_s}


def test_an_entry_that_was_in_doubt_and_has_filled_has_its_trades_fetched(world: World) -> None:
    doubtful = in_doubt(world)
    world.venue.fill(doubtful.client_order_id, d("0.009"), d("100000"))
    found = world.desk.resolve(ACCOUNT, doubtful.client_order_id, attempt=0)
    assert found is not None
    assert found.state is OrderState.FILLED
    assert world.position.quantity == d("0.009")


def test_an_order_that_was_settled_meanwhile_is_not_asked_about(world: World) -> None:
    entry = world.entered()
    world.follow_ups.due()
    found = world.desk.resolve(ACCOUNT, entry, attempt=0)
    assert found == world.order(entry)
    assert world.venue.questions == []
    assert world.desk.resolve(ACCOUNT, ClientOrderId("ut-e-unknown"), attempt=0) is None
    ends = [item for item in world.follow_ups.waiting() if item.kind is FollowUpKind.EXPIRE_ORDER]
    assert len(ends) == 2, "one from its placing, and one since the stream may have been faster than that"
