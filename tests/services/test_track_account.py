from dataclasses import replace

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.event import ConfigChanged, MarginCalled, OrderChanged, StreamGap
from undertow.domain.ids import ClientOrderId, TradeId, VenueOrderId
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import OrderState


def test_a_fill_moves_position_order_and_reservation_together(world: World) -> None:
    entry = world.entered()
    reserved = world.slot.reserved_notional
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.004"), d("100000")))
    assert world.position.quantity == d("0.004")
    assert world.order(entry).state is OrderState.PARTIALLY_FILLED
    assert world.slot.reserved_notional == reserved


def test_a_repeated_fill_counts_once(world: World) -> None:
    entry = world.entered()
    event = world.venue.fill(entry, d("0.004"), d("100000"))
    world.desk.track(ACCOUNT, event)
    world.desk.track(ACCOUNT, event)
    assert world.position.quantity == d("0.004")


def test_fills_in_the_wrong_order_end_alike(world: World) -> None:
    entry = world.entered()
    first = world.venue.fill(entry, d("0.004"), d("100000"))
    second = world.venue.fill(entry, d("0.005"), d("100001"))
    world.desk.track(ACCOUNT, second)
    world.desk.track(ACCOUNT, first)
    assert world.position.quantity == d("0.009")
    assert world.order(entry).state is OrderState.FILLED
    assert world.order(entry).filled_quantity == d("0.009")
    assert world.slot.entries == ()


def test_a_fill_that_comes_before_the_answer_to_the_order_is_kept(world: World) -> None:
    """The stream can be faster than the response to the POST."""

    def filled_before_the_answer(order):  # type: ignore[no-untyped-def]
        accepted = world.venue.take(order)
        world.desk.track(ACCOUNT, world.venue.fill(order.intent.client_order_id, order.intent.quantity, d("100000")))
        return accepted

    world.venue.answers = [filled_before_the_answer]
    entry = world.entered()
    assert world.order(entry).state is OrderState.FILLED
    assert world.position.quantity == d("0.009")


def test_an_expired_entry_keeps_what_filled_and_gives_the_rest_back(world: World) -> None:
    entry = world.entered()
    whole = world.slot.reserved_notional
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.003"), d("100000")))
    world.clock.advance(30_000)
    world.follow_up()
    assert world.order(entry).state is OrderState.CANCELED
    assert world.slot.entries == ()
    assert world.slot.reserved_notional == whole / 3
    assert entry in world.venue.canceled


def test_an_exit_that_overtakes_its_entry_is_booked_after_it(world: World) -> None:
    entry = world.entered()
    opening = world.venue.fill(entry, d("0.009"), d("100000"))
    world.clock.advance(100)
    closing_fill = replace(
        opening.fill,
        trade_id=TradeId(999),
        side=Side.SELL,
        client_order_id=ClientOrderId("web_1"),
        venue_order_id=VenueOrderId(77),
        time_ms=world.clock.now_ms(),
    )
    world.venue.trades.append(closing_fill)
    news = replace(opening.news, client_order_id=ClientOrderId("web_1"), side=Side.SELL)
    world.desk.track(ACCOUNT, OrderChanged(ACCOUNT.id, news, closing_fill, "", world.clock.now_ms()))
    assert world.slot.position is None
    world.desk.track(ACCOUNT, opening)
    assert world.slot.position is None


def test_an_exit_that_overtakes_a_part_of_its_entry_takes_the_stop_off_the_book(world: World) -> None:
    entry = world.entered()
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.004"), d("100000")))
    assert world.position.stop_order in world.venue.standing
    world.clock.advance(100)
    rest = world.venue.fill(entry, d("0.005"), d("100000"))
    target = world.position.target_order
    assert target is not None
    world.desk.track(ACCOUNT, world.venue.fill(target, d("0.009"), d("102001")))
    assert world.slot.position is None
    assert world.venue.standing == {}
    world.desk.track(ACCOUNT, rest)
    assert world.venue.standing == {}


def more_is_closed_by_hand_than_is_known(world: World, *, listed: bool) -> None:
    """Of what was added by hand, nothing was ever heard."""
    entry = world.holding()
    now_ms = world.clock.now_ms()
    number, order = 999, ClientOrderId("web_9")
    trade = replace(
        world.venue.trades[-1],
        trade_id=TradeId(number),
        venue_order_id=VenueOrderId(number),
        client_order_id=order,
        side=Side.SELL,
        quantity=d("0.010"),
        time_ms=now_ms,
    )
    if listed:
        world.venue.trades.append(trade)
    news = replace(world.venue.ended[entry], client_order_id=order, side=Side.SELL, quantity=d("0.010"))
    world.meter.counts.clear()
    world.desk.track(ACCOUNT, OrderChanged(ACCOUNT.id, news, trade, "", now_ms))


@pytest.mark.parametrize("listed", [False, True])
def test_where_more_was_closed_than_was_known_the_stop_stays_until_the_venue_has_been_read(
    world: World, listed: bool
) -> None:
    """Seed 894: the stop was taken off what was left of the position, of which nobody knew for two minutes."""
    more_is_closed_by_hand_than_is_known(world, listed=listed)
    assert world.slot.position is None
    (stop,) = world.venue.of_purpose("s")
    assert world.meter.counts["reconciled"] == 1
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    assert stop.client_order_id in world.venue.canceled
    assert world.venue.standing == {}


@pytest.mark.parametrize("listed", [False, True])
def test_what_is_left_where_more_was_closed_than_was_known_is_found_at_once(world: World, listed: bool) -> None:
    world.venue.positions = [replace(_venue_position(world, "0.004", "100000"), updated_at_ms=0)]
    more_is_closed_by_hand_than_is_known(world, listed=listed)
    assert world.position.quantity == d("0.004")
    assert world.position.stop_order in world.venue.standing


def test_a_position_opened_by_hand_is_adopted_protected_and_named_external(world: World) -> None:
    entry = world.entered()
    opening = world.venue.fill(entry, d("0.009"), d("100000"))
    by_hand = replace(opening.fill, client_order_id=ClientOrderId("web_1"))
    news = replace(opening.news, client_order_id=ClientOrderId("web_1"))
    world.desk.track(ACCOUNT, OrderChanged(ACCOUNT.id, news, by_hand, "", world.clock.now_ms()))
    assert world.position.is_external
    assert world.position.stop_order in world.venue.standing


def test_a_gap_in_the_stream_fetches_what_was_missed(world: World) -> None:
    entry = world.entered()
    world.venue.fill(entry, d("0.009"), d("100000"))
    world.clock.advance(10_000)
    now_ms = world.clock.now_ms()
    world.venue.positions = [_venue_position(world, "0.009", "100000")]
    world.desk.track(ACCOUNT, StreamGap(ACCOUNT.id, now_ms - 10_000, now_ms, "reconnect"))
    assert world.position.quantity == d("0.009")
    assert world.order(entry).state is OrderState.FILLED
    assert world.position.unprotected_since_ms is None


def test_a_forced_close_is_alerted(world: World) -> None:
    world.holding()
    entry = world.venue.ended[next(iter(world.venue.ended))]
    news = replace(entry, client_order_id=ClientOrderId("autoclose-1"), side=Side.SELL)
    fill = replace(world.venue.trades[0], trade_id=TradeId(500), side=Side.SELL, client_order_id=news.client_order_id)
    world.desk.track(ACCOUNT, OrderChanged(ACCOUNT.id, news, fill, "liquidation", world.clock.now_ms()))
    assert "forced#main#BTCUSDT" in world.alerts
    assert world.slot.position is None


def test_a_margin_call_is_alerted(world: World) -> None:
    world.desk.track(ACCOUNT, MarginCalled(ACCOUNT.id, (BTC,), world.clock.now_ms()))
    assert world.alerts == ["margin_call#main"]


def _venue_position(world: World, quantity: str, entry: str):  # type: ignore[no-untyped-def]
    from undertow.domain.account import MarginType, VenuePosition

    return VenuePosition(
        BTC,
        PositionSide.LONG,
        d(quantity),
        d(entry),
        d(entry),
        d("0"),
        10,
        MarginType.ISOLATED,
        None,
        world.clock.now_ms(),
    )


def test_a_leverage_changed_by_hand_is_known_told_and_set_right_before_the_next_entry(world: World) -> None:
    world.entered(1)
    now_ms = world.clock.now_ms()
    world.desk.track(ACCOUNT, ConfigChanged(ACCOUNT.id, BTC, 3, None, None, now_ms))
    (readiness,) = world.desk.repositories.readinesses.all(ACCOUNT.id)
    assert readiness.leverage == 3
    assert "venue_config#main#BTCUSDT" in world.alerts
    world.clock.advance(31_000)
    world.entered(2)
    (readiness,) = world.desk.repositories.readinesses.all(ACCOUNT.id)
    assert readiness.leverage == 10


def test_an_entry_that_fills_while_it_is_being_cancelled_is_booked_and_protected_at_once(world: World) -> None:
    entry = world.entered()
    world.clock.advance(30_000)
    world.venue.fill(entry, d("0.009"), d("100000"))
    world.follow_up()
    assert world.position.quantity == d("0.009")
    assert world.position.unprotected_since_ms is None
