"""A part of a position is closed once per cause; what cannot be closed is told with all that a person needs."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.services.test_looked_after import FullQueue
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, HUNTER, d

from undertow.adapters.memory.recorders import Alert
from undertow.domain.account import Balance, Switch
from undertow.domain.decision import Decision, Outcome
from undertow.domain.ids import AccountId, PositionId, Symbol
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import Order, OrderType, Purpose
from undertow.domain.outcome import Rejected, Unconfirmed
from undertow.domain.position import Position
from undertow.ports import AlertLevel, LedgerEntry, NotScheduled, Orders, StoreBusy
from undertow.services.close_position import ClosePosition
from undertow.services.protect import Protection
from undertow.strategies.signal import OppositePolicy


@pytest.fixture(name="close")
def _close(world: World) -> ClosePosition:
    world.holding()
    return world.desk.evaluate.close


def exits(world: World) -> list[tuple[OrderType, object]]:
    sent = [order.intent for order in world.venue.submitted]
    return [(intent.type, intent.quantity) for intent in sent if intent.purpose is Purpose.EXIT]


def expect_exit_failed(world: World, held: Position, message: str) -> None:
    facts = {"symbol": "BTCUSDT", "side": "LONG", "position": held.id}
    expected = Alert(AlertLevel.CRITICAL, f"exit_failed#{held.account}#BTCUSDT#LONG", message, facts)
    assert world.notifier.alerts[-1] == expected


def test_a_part_is_closed_at_market_and_once_per_cause(world: World, close: ClosePosition) -> None:
    first = close.reduce(ACCOUNT, world.position, d("0.0042"), "liq7", "a test")
    again = close.reduce(ACCOUNT, world.position, d("0.0042"), "liq7", "a test")
    assert first is not None
    assert again is not None
    assert first.client_order_id == again.client_order_id
    assert exits(world) == [(OrderType.MARKET, d("0.004"))]
    other = close.reduce(ACCOUNT, world.position, d("0.001"), "liq8", "a test")
    assert other is not None
    assert other.client_order_id != first.client_order_id


def test_a_part_of_another_position_or_account_for_the_same_cause_has_an_id_of_its_own(
    world: World, close: ClosePosition
) -> None:
    held = world.position
    others = [held, replace(held, id=PositionId("later")), replace(held, account=AccountId("second"))]
    accounts = [ACCOUNT, ACCOUNT, replace(ACCOUNT, id=AccountId("second"))]
    orders = [close.reduce(of, one, d("0.004"), "liq7", "a test") for of, one in zip(accounts, others, strict=True)]
    assert len({order.client_order_id for order in orders if order is not None}) == 3
    asked = [close.asked(of, one, d("0.004"), "click-1") for of, one in zip(accounts, others, strict=True)]
    assert len({order.client_order_id for sent in asked if isinstance(sent, tuple) for order in sent}) == 3
    exits_of_all = [close(of, one, "a test") for of, one in zip(accounts, others, strict=True)]
    assert len({order.client_order_id for sent in exits_of_all for order in sent}) == 3


@pytest.mark.parametrize("quantity", ["0.009", "0.01"])
def test_the_whole_is_closed_like_any_other_and_not_doubled(world: World, close: ClosePosition, quantity: str) -> None:
    order = close.reduce(ACCOUNT, world.position, d(quantity), "liq7", "a test")
    assert order is not None
    assert order.intent.quantity == world.position.quantity
    assert close.reduce(ACCOUNT, world.position, d(quantity), "liq8", "a test") is None
    assert exits(world) == [(OrderType.MARKET, d("0.009"))]


def test_a_part_below_a_lot_is_told_and_not_sent(world: World, close: ClosePosition) -> None:
    assert close.reduce(ACCOUNT, world.position, d("0.0004"), "liq7", "a test") is None
    expect_exit_failed(world, world.position, "a part of 0.0004 of the position cannot be closed")
    assert exits(world) == []


def test_an_exit_whose_symbol_has_no_rules_is_told(world: World, close: ClosePosition) -> None:
    held = replace(world.position, symbol=Symbol("ETHUSDT"))
    assert close(ACCOUNT, held, "a test") == ()
    alert = world.notifier.alerts[-1]
    assert alert.key == "exit_failed#main#ETHUSDT#LONG"
    assert alert.message == "the symbol's trading rules are not known, so the position cannot be closed"
    assert close.reduce(ACCOUNT, held, d("0.001"), "liq7", "a test") is None
    assert world.notifier.alerts[-1].message == "a part of 0.001 of the position cannot be closed"


def test_an_exit_that_the_gate_refuses_is_told_with_its_reason(world: World, close: ClosePosition) -> None:
    nothing = replace(world.position, quantity=d("0"))
    assert close(ACCOUNT, nothing, "a test") == ()
    expect_exit_failed(world, nothing, "the order is not a part of the position")


def test_an_exit_that_the_venue_rejects_is_told_with_the_venues_words(world: World, close: ClosePosition) -> None:
    world.venue.answers = [lambda _order: Rejected(-2022, "ReduceOnly Order is rejected.")]
    held = world.position
    (order,) = close(ACCOUNT, held, "a test")
    expect_exit_failed(world, held, f"the venue rejected the market exit: {order.reason}")
    assert "ReduceOnly" in order.reason


def against(world: World, **changes: object) -> Decision:
    """What becomes of a signal for the short side while a long is held."""
    strategy = world.params.parameters.strategies[HUNTER]
    usual = replace(strategy.symbols[BTC], opposite=OppositePolicy.REDUCE, **changes)  # type: ignore[arg-type]
    changed = replace(strategy, symbols={BTC: usual})  # type: ignore[arg-type]
    world.params.parameters = replace(world.params.parameters, strategies={HUNTER: changed})
    (decision,) = world.desk.evaluate(world.liquidation_batch(2, side=Side.BUY))
    return decision


def test_a_signal_against_the_position_takes_off_what_it_would_have_opened(world: World, close: ClosePosition) -> None:
    decision = against(world, trade_value=d("50"))
    assert decision.outcome is Outcome.TAKEN
    assert decision.client_order_id is not None
    sent = world.order(decision.client_order_id).intent
    assert (sent.purpose, sent.position_side, sent.quantity) == (Purpose.EXIT, world.position.side, d("0.005"))
    stored = world.desk.repositories.decisions.get(ACCOUNT.id, decision.id)
    assert stored == decision
    assert decision.inputs["quantity"] == "0.005"
    assert "volume" in decision.inputs


@pytest.mark.parametrize(
    ("switch", "says"), [(Switch.PAUSED, "trading is paused"), (Switch.CLOSE_ONLY, "trading is close only")]
)
def test_a_paused_account_reduces_nothing_by_itself(
    world: World, close: ClosePosition, switch: Switch, says: str
) -> None:
    world.switch(switch)
    decision = against(world)
    assert (decision.outcome, decision.gate, decision.reason) == (Outcome.REFUSED, "paused", says)
    assert exits(world) == []


def test_a_simulated_reduction_is_decided_and_not_sent(world: World, close: ClosePosition) -> None:
    assert against(world, simulate=True).outcome is Outcome.SIMULATED
    assert exits(world) == []


def test_a_reduction_that_is_under_way_already_is_refused(world: World, close: ClosePosition) -> None:
    close(ACCOUNT, world.position, "a test")
    decision = against(world)
    assert (decision.gate, decision.reason) == ("reduce", "the held side could not be reduced")
    assert len(exits(world)) == 1


@dataclass(frozen=True, slots=True)
class DiesAfterSending:
    """A process that dies once the venue has the exit."""

    inner: Orders

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def update(self, order: Order) -> bool:
        raise StoreBusy(f"{order.client_order_id} cannot be written")


@pytest.mark.parametrize("trade_value", ["50", "100"])
def test_a_signal_that_reduced_a_position_does_nothing_more_when_it_is_delivered_again(
    world: World, close: ClosePosition, trade_value: str
) -> None:
    """Neither is what is left closed too, nor is the other side opened once the held one is gone."""
    evaluate, orders = world.desk.evaluate, DiesAfterSending(world.desk.repositories.orders)
    record = replace(close.place.record, orders=orders)
    dying = replace(evaluate, close=replace(close, place=replace(close.place, record=record)))
    strategy = world.params.parameters.strategies[HUNTER]
    usual = replace(strategy.symbols[BTC], opposite=OppositePolicy.REDUCE, trade_value=d(trade_value))
    changed = replace(strategy, symbols={BTC: usual})
    world.params.parameters = replace(world.params.parameters, strategies={HUNTER: changed})
    batch = world.liquidation_batch(2, side=Side.BUY)
    with pytest.raises(StoreBusy):
        dying(batch)
    (leaving,) = world.venue.of_purpose("x")
    world.desk.track(ACCOUNT, world.venue.fill(leaving.client_order_id, leaving.quantity, d("100000")))
    left = world.slot.position
    sent = len(world.venue.submitted)
    world.clock.advance(1_000)
    evaluate(batch, redelivered=True)
    evaluate(batch)
    assert len(world.venue.submitted) == sent
    assert world.slot.position == left


def test_a_signal_against_another_strategys_position_reduces_nothing(world: World, close: ClosePosition) -> None:
    ledger = world.desk.repositories.ledger

    ledger.write(LedgerEntry(world.slot, world.slot.with_position(replace(world.position, strategy=None))))
    assert against(world).outcome is Outcome.TAKEN
    assert exits(world) == []


def test_a_position_that_nobody_can_protect_is_told_with_its_account_symbol_and_side(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [lambda _order: Rejected(-4045, "Reach max stop order limit.")]
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100000")))
    facts = {"account": "main", "symbol": "BTCUSDT", "side": "LONG"}
    message = "no stop could be confirmed at the venue"
    world.clock.advance(5_000)
    world.venue.answers = [lambda _order: Rejected(-4045, "Reach max stop order limit.")] * 3
    world.follow_up()
    assert Alert(AlertLevel.CRITICAL, "unprotected#main#BTCUSDT#LONG", message, facts) in world.notifier.alerts
    told = next(alert for alert in world.notifier.alerts if alert.key.startswith("unprotected_for_long"))
    assert told.level is AlertLevel.CRITICAL
    assert told.key == "unprotected_for_long#main#BTCUSDT#LONG"
    assert told.message == "a position has been without a stop for too long"
    assert told.facts == {"symbol": "BTCUSDT", "side": "LONG", "unprotected_for_ms": "5000"}


def test_a_position_of_a_symbol_without_rules_is_told_before_anything_is_asked(world: World) -> None:
    world.holding()
    protect = replace(world.desk.protect, instruments=_NoRules())
    assert protect(ACCOUNT, BTC, world.position.side) is Protection.UNPROTECTED
    alert = world.notifier.alerts[-1]
    assert alert.key == "unprotected#main#BTCUSDT#LONG"
    assert alert.message == "the symbol's trading rules are not known, so no stop can be placed"
    assert alert.facts == {"account": "main", "symbol": "BTCUSDT", "side": "LONG"}


class _NoRules:
    def get(self, *_asked: object) -> None:
        return None


def test_in_an_emergency_a_queue_that_takes_nothing_does_not_keep_the_next_position_waiting(world: World) -> None:
    """An exit without an answer is put off to be asked about; the one behind it is not sent again for a minute."""
    world.holding()
    (second,) = world.desk.evaluate(world.liquidation_batch(2, side=Side.BUY))
    assert second.client_order_id is not None
    short = world.venue.standing[second.client_order_id]
    world.desk.track(ACCOUNT, world.venue.fill(short.client_order_id, short.quantity, d("100009")))
    world.clock.advance(1_000)
    balance = Balance(ACCOUNT.id, d("1"), d("1"), d("0"), world.clock.now_ms(), d("0"), d("99"))
    world.desk.repositories.balances.save(balance)
    world.venue.answers = [lambda _order: Unconfirmed("no answer")]
    monitor = world.desk.manage.monitor
    place = replace(monitor.close.place, follow_ups=FullQueue())
    with pytest.raises(NotScheduled):
        replace(monitor, close=replace(monitor.close, place=place))(ACCOUNT)
    sent = [order.intent for order in world.venue.submitted if order.intent.purpose is Purpose.EXIT]
    assert {intent.position_side for intent in sent} == {PositionSide.LONG, PositionSide.SHORT}
