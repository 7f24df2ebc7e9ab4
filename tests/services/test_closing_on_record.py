"""Exits and stops that end and are tried again: in which pieces, how often, under which ids, and who is told."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.adapters.memory.recorders import Alert
from undertow.domain.ids import PositionId, Symbol
from undertow.domain.order import Order, OrderIntent, OrderState, OrderType, Purpose
from undertow.domain.outcome import Rejected, SubmitOutcome, Unconfirmed
from undertow.ports import AlertLevel
from undertow.risk.approval import ApprovedOrder, Refusal
from undertow.services.close_position import ClosePosition
from undertow.services.protect import Protection

MINUTE_MS = 60_000


@pytest.fixture(name="close")
def _close(world: World) -> ClosePosition:
    world.holding()
    return world.desk.guard.close


def largest(world: World, quantity: str, **rules: Decimal) -> None:
    known = world.desk.repositories.instruments.get(ACCOUNT.venue, BTC)
    assert known is not None
    world.desk.repositories.instruments.save([replace(known, market_max_quantity=d(quantity), **rules)])


def sent(world: World, purpose: Purpose = Purpose.EXIT) -> list[OrderIntent]:
    found = [order.intent for order in world.venue.submitted]
    return [intent for intent in found if intent.purpose is purpose]


def rejects(_order: ApprovedOrder) -> SubmitOutcome:
    return Rejected(-2022, "ReduceOnly Order is rejected.")


def no_stops(_order: ApprovedOrder) -> SubmitOutcome:
    return Rejected(-4045, "Reach max stop order limit.")


@pytest.mark.parametrize(
    ("at_once", "pieces"),
    [
        ("100", ["0.009"]),
        ("0.009", ["0.009"]),
        ("0.004", ["0.004", "0.004", "0.001"]),
        ("0.0045", ["0.004", "0.004", "0.001"]),
        ("0.003", ["0.003"] * 3),
        ("0", ["0.009"]),
    ],
)
def test_a_position_is_closed_in_as_many_pieces_as_the_venue_takes_at_once(
    world: World, close: ClosePosition, at_once: str, pieces: list[str]
) -> None:
    largest(world, at_once)
    orders = close(ACCOUNT, world.position, "a test")
    assert [str(intent.quantity) for intent in sent(world)] == pieces
    assert [order.client_order_id for order in orders] == [intent.client_order_id for intent in sent(world)]
    assert len({intent.client_order_id for intent in sent(world)}) == len(pieces)
    assert world.notifier.alerts == [], "no piece of nothing was tried"


def test_at_most_ten_pieces_go_at_once_and_the_rest_is_closed_later(world: World, close: ClosePosition) -> None:
    largest(world, "0.0005", market_lot_size=d("0.0005"), market_min_quantity=d("0.0005"))
    close(ACCOUNT, world.position, "a test")
    assert [intent.quantity for intent in sent(world)] == [d("0.0005")] * 10


def test_an_exit_says_whose_position_it_closes_and_that_it_is_at_market(world: World, close: ClosePosition) -> None:
    held = world.position
    (order,) = close(ACCOUNT, held, "a test")
    intent = order.intent
    assert (intent.account, intent.symbol, intent.position_side) == (ACCOUNT.id, BTC, held.side)
    assert (intent.purpose, intent.type, intent.price) == (Purpose.EXIT, OrderType.MARKET, None)
    assert (intent.strategy, intent.position_id, intent.leverage) == (held.strategy, held.id, 10)


def test_what_a_person_asked_to_close_is_closed_once_for_each_asking(world: World, close: ClosePosition) -> None:
    held = world.position
    (first,) = taken(close.asked(ACCOUNT, held, d("0.004"), "click-1"))
    (again,) = taken(close.asked(ACCOUNT, held, d("0.004"), "click-1"))
    (other,) = taken(close.asked(ACCOUNT, held, d("0.003"), "click-2"))
    assert first == again
    assert [intent.quantity for intent in sent(world)] == [d("0.004"), d("0.003")]
    assert other.client_order_id != first.client_order_id
    assert world.venue.questions == [], "what stands for certain is not asked about"


@pytest.mark.parametrize(
    ("held", "asked", "closed"),
    [("0.0095", "0.0095", ["0.0095"]), ("0.0095", "0.0094", ["0.009"]), ("0.009", "0.0004", []), ("0.009", "0", [])],
)
def test_dust_is_closed_with_the_whole_position_and_never_alone(
    world: World, close: ClosePosition, held: str, asked: str, closed: list[str]
) -> None:
    position = replace(world.position, quantity=d(held))
    taken(close.asked(ACCOUNT, position, d(asked), "click-1"))
    assert [str(intent.quantity) for intent in sent(world)] == closed


def test_what_is_asked_of_a_symbol_without_rules_is_refused(world: World, close: ClosePosition) -> None:
    elsewhere = replace(world.position, symbol=Symbol("ETHUSDT"))
    refused = close.asked(ACCOUNT, elsewhere, d("0.004"), "click-1")
    assert refused == Refusal("no_instrument", "the symbol's trading rules are not known")


def taken(answer: tuple[Order, ...] | Refusal) -> tuple[Order, ...]:
    assert not isinstance(answer, Refusal), answer
    return answer


def test_an_exit_that_ended_without_closing_is_followed_by_one_under_another_id(
    world: World, close: ClosePosition
) -> None:
    world.venue.answers = [rejects]
    (first,) = close(ACCOUNT, world.position, "a test")
    (second,) = close(ACCOUNT, world.position, "again")
    assert (first.state, second.state) == (OrderState.REJECTED, OrderState.OPEN)
    assert first.client_order_id != second.client_order_id
    assert close(ACCOUNT, world.position, "and again") == ()


def test_after_twenty_exits_that_ended_a_person_is_told_and_one_more_goes_every_minute(
    world: World, close: ClosePosition
) -> None:
    world.venue.answers = [rejects] * 100
    held = world.position
    for _ in range(20):
        close(ACCOUNT, held, "a test")
    message = "20 market exits were sent and the position is still open"
    assert message not in [alert.message for alert in world.notifier.alerts]
    assert close(ACCOUNT, held, "the 21st") != ()
    facts = {"symbol": "BTCUSDT", "side": "LONG", "position": held.id}
    expected = Alert(AlertLevel.CRITICAL, "exit_failed#main#BTCUSDT#LONG", message, facts)
    assert expected in world.notifier.alerts
    assert close(ACCOUNT, held, "the same minute") == ()
    assert len(sent(world)) == 21
    world.clock.advance(MINUTE_MS)
    assert close(ACCOUNT, held, "the next minute") != ()
    assert len({intent.client_order_id for intent in sent(world)}) == 22


def test_after_fifty_stops_that_ended_a_person_is_told_and_one_more_goes_every_minute(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [no_stops] * 200
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100001")))
    for _ in range(49):
        world.desk.protect(ACCOUNT, BTC, world.position.side)
    message = "50 orders for the same trigger have ended"
    assert message not in [alert.message for alert in world.notifier.alerts]
    assert len(sent(world, Purpose.STOP_LOSS)) == 50
    for _ in range(3):
        world.desk.protect(ACCOUNT, BTC, world.position.side)
    assert message in [alert.message for alert in world.notifier.alerts]
    assert len(sent(world, Purpose.STOP_LOSS)) == 51
    world.clock.advance(MINUTE_MS)
    world.venue.answers = []
    assert world.desk.protect(ACCOUNT, BTC, world.position.side) is Protection.PROTECTED


@pytest.mark.parametrize(
    ("answers", "what", "kind"), [(1, "stop loss", "unprotected"), (0, "take profit", "no_target")]
)
def test_a_stop_or_target_that_the_venue_rejects_is_told_in_the_venues_words(
    world: World, answers: int, what: str, kind: str
) -> None:
    entry = world.entered()
    world.venue.answers = [no_stops] if answers else [world.venue.take, no_stops]
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100001")))
    told = world.notifier.alerts[0]
    assert told.key == f"{kind}#main#BTCUSDT#LONG"
    assert told.message == f"the venue rejected the {what}: -4045: Reach max stop order limit."


def test_a_stop_without_an_answer_is_waited_for_and_counts_as_none_until_it_is_found(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [lambda _order: Unconfirmed("503")]
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100001")))
    assert world.desk.protect(ACCOUNT, BTC, world.position.side) is Protection.UNPROTECTED
    assert len(sent(world, Purpose.STOP_LOSS)) == 1
    assert sent(world, Purpose.TAKE_PROFIT) == []
    world.clock.advance(3_000)
    assert world.desk.protect(ACCOUNT, BTC, world.position.side) is Protection.PROTECTED
    first, second = sent(world, Purpose.STOP_LOSS)
    assert first.client_order_id != second.client_order_id
    assert first.stop_price == second.stop_price


def test_that_a_stop_stands_again_is_told_only_of_a_position_that_was_naked_for_three_seconds(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [no_stops, no_stops]
    filled = world.venue.fill(entry, d("0.009"), d("100001"))
    world.desk.track(ACCOUNT, filled)
    world.clock.advance(2_999)
    world.venue.answers = []
    world.desk.protect(ACCOUNT, BTC, world.position.side)
    assert world.notifier.ended == []
    assert world.position.unprotected_since_ms is None


def test_that_a_naked_position_has_its_stop_is_told_under_both_of_its_alerts(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [no_stops]
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100001")))
    world.clock.advance(3_000)
    world.desk.protect(ACCOUNT, BTC, world.position.side)
    told = "the position has its stop"
    assert world.notifier.ended == [
        ("unprotected#main#BTCUSDT#LONG", told),
        ("unprotected_for_long#main#BTCUSDT#LONG", told),
    ]
    assert world.meter.observations["protected_within"] == [3_000]


def test_a_price_that_is_through_the_target_closes_the_position_as_well(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [world.venue.take, lambda _order: Rejected(-2021, "Order would immediately trigger.")]
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100001")))
    (exit_order,) = sent(world)
    assert exit_order.quantity == d("0.009")
    assert len(world.venue.of_purpose("s")) == 1


@pytest.mark.parametrize("after", ["nothing", "another position"])
def test_a_stop_whose_position_closed_while_it_was_placed_is_noted_on_nothing_that_came_after(
    world: World, after: str
) -> None:
    entry = world.entered()

    def taken_too_late(order: ApprovedOrder) -> SubmitOutcome:
        slot = world.slot
        later = replace(world.position, id=PositionId("later")) if after == "another position" else None
        world.store.slots[ACCOUNT.id, BTC, slot.side] = slot.with_position(later)
        return world.venue.take(order)

    world.venue.answers = [taken_too_late]
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100001")))
    too_late = world.venue.submitted[1].intent.client_order_id
    assert world.venue.canceled == [too_late]
    if after == "nothing":
        assert world.slot.position is None
        assert world.venue.standing == {}
    else:
        assert world.position.unprotected_since_ms is None
        assert [order.client_order_id for order in world.venue.of_purpose("s")] == [world.position.stop_order]
        assert world.position.stop_order != too_late
