"""What an entry rests on: what each refusal shows, which order is asked about, and what the ledger keeps."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.services.test_ladder_life import large, use
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, HUNTER, NOW_MS, d, instrument, live_entry, position, slot
from tests.unit.ladders import LADDER

from undertow.domain.account import Balance, MarginType, Mode, PositionMode, Readiness
from undertow.domain.decision import Outcome
from undertow.domain.ids import StrategyId
from undertow.domain.market import LiquidationBatch, MarkPrice, PositionSide, Side
from undertow.domain.numbers import ZERO
from undertow.domain.order import OrderState
from undertow.domain.outcome import Rejected
from undertow.domain.reconciliation import Proof
from undertow.ports import ClaimOutcome, EntryClaim, Ledger
from undertow.risk.approval import Refusal
from undertow.risk.exposure import AccountSnapshot
from undertow.services.enter import Occasion, Trigger
from undertow.services.propose import detect, propose
from undertow.services.propose_layer import propose_layer
from undertow.strategies.signal import Signal


def occasion(world: World, strategy: StrategyId, batch: LiquidationBatch) -> Occasion:
    known = world.params.parameters
    first = batch.liquidations[0]
    return Occasion(
        strategy=known.strategies[strategy],
        params=known.strategies[strategy].symbols[BTC],
        account=ACCOUNT,
        limits=known.globals.limits[ACCOUNT.id],
        symbol=BTC,
        cause=first.liquidation.id,
        event_time_ms=first.liquidation.event_time_ms,
        received_at_ms=first.received_at_ms,
        book=batch.book,
        mark=batch.mark,
        params_version="g1/l1",
        params_age_ms=0,
        now_ms=world.clock.now_ms(),
    )


def proposed(
    world: World,
    batch: Callable[[LiquidationBatch], LiquidationBatch] = lambda same: same,
    snapshot: Callable[[AccountSnapshot], AccountSnapshot] = lambda same: same,
) -> object:
    """What the ladder makes of a large liquidation, after the message or the account changed."""
    use(world)
    usual = large(world)
    of = occasion(world, LADDER, usual)
    signal = detect(of, usual, usual.liquidations[0])
    assert isinstance(signal, Signal)
    known = world.desk.repositories.ledger.snapshot(ACCOUNT.id, ACCOUNT.venue, BTC)
    return propose_layer(of, of.params, signal, batch(usual), instrument(), snapshot(known))  # type: ignore[arg-type]


HELD = position(strategy=LADDER)


@pytest.mark.parametrize(
    ("batch", "snapshot", "refusal"),
    [
        pytest.param(
            lambda batch: replace(batch, book=None, mark=None),
            None,
            Refusal("price", "there is neither a book nor a mark price to price the entry from"),
            id="no price",
        ),
        pytest.param(
            None,
            lambda known: replace(known, long=slot(entries=(live_entry(),))),
            Refusal("layer_pending", "the first layer is under way and has not filled yet"),
            id="first layer under way",
        ),
        pytest.param(
            None,
            lambda known: replace(known, long=slot(position=replace(HELD, strategy=None))),
            Refusal("external_position", "the position on this side was opened by somebody else"),
            id="opened by hand",
        ),
        pytest.param(
            None,
            lambda known: replace(known, long=slot(position=replace(HELD, strategy=HUNTER))),
            Refusal("other_strategy", "the position on this side belongs to strategy hunter"),
            id="another strategy's",
        ),
        pytest.param(
            None,
            lambda known: replace(known, long=slot(position=HELD)),
            Refusal("no_ladder", "the position was not opened by a ladder that is still known: it gets no layers"),
            id="no ladder",
        ),
        pytest.param(
            lambda batch: replace(batch, book=replace(batch.book, bid=d("100990"), ask=d("101000"))),
            None,
            Refusal(
                "deviation",
                "the price has run away from that of the liquidation",
                {"deviation_pct": "1"},
                {"max_total_deviation_pct": "0.5"},
            ),
            id="run away",
        ),
        pytest.param(
            lambda batch: replace(batch, conditions=None),
            None,
            Refusal("atr", "there is no current average true range, and distances are never guessed"),
            id="no average true range",
        ),
        pytest.param(
            None,
            lambda known: replace(known, balance=None),
            Refusal("balance", "the account's balance is not known yet"),
            id="no balance",
        ),
    ],
)
def test_a_layer_that_is_not_proposed_says_what_was_missing(
    world: World, batch: Any, snapshot: Any, refusal: Refusal
) -> None:
    changes = {"batch": batch, "snapshot": snapshot}
    assert proposed(world, **{name: change for name, change in changes.items() if change is not None}) == refusal


def test_a_ladder_that_funding_would_eat_up_is_not_opened_and_what_it_receives_changes_nothing(world: World) -> None:
    def with_funding(rate: str) -> Any:
        return proposed(world, lambda batch: replace(batch, mark=replace(batch.mark, funding_rate=d(rate))))

    free, paying, receiving = (with_funding(rate) for rate in ("0", "0.02", "-0.02"))
    assert isinstance(paying, Refusal)
    assert receiving.plan == free.plan


@pytest.mark.parametrize(
    ("side", "price", "stop", "target"),
    [(Side.SELL, "100010", "97009.7", "105010.5"), (Side.BUY, "100000", "103000", "95000")],
)
def test_a_hunter_proposes_its_stop_and_its_target_in_percent_of_the_price(
    world: World, side: Side, price: str, stop: str, target: str
) -> None:
    batch = world.liquidation_batch(side=side)
    of = occasion(world, HUNTER, batch)
    distances = replace(of.params.protection, stop_loss_pct=d("3"), take_profit_pct=d("5"))
    of = replace(of, params=replace(of.params, protection=distances))  # type: ignore[arg-type]
    signal = detect(of, batch, batch.liquidations[0])
    assert isinstance(signal, Signal)
    known = world.desk.repositories.ledger.snapshot(ACCOUNT.id, ACCOUNT.venue, BTC)
    made: Any = propose(of, signal, batch, instrument(), known)
    assert (made.intent.price, made.stop_price, made.target_price) == (d(price), d(stop), d(target))


def test_a_refused_entry_shows_the_signal_and_the_order_that_it_would_have_been(world: World) -> None:
    (decision,) = world.desk.evaluate(world.liquidation_batch(bid="70000", ask="70001"))
    assert decision.gate == "price_band"
    assert decision.outcome is Outcome.REFUSED
    assert decision.position_side is PositionSide.LONG
    assert decision.client_order_id is None
    assert "layer" not in decision.inputs, "a hunter has none"
    shown = {name: decision.inputs[name] for name in ("volume", "price", "quantity", "leverage")}
    assert shown == {"volume": "12000", "price": "70001", "quantity": "0.014", "leverage": "10"}
    assert (decision.inputs["notional"], decision.inputs["margin"]) == ("980.014", "98.0014")
    assert d(decision.inputs["risk"]) > 0
    assert decision.thresholds["volume_threshold"] == "10000"


@pytest.mark.parametrize(("book_ms", "mark_ms"), [(100, 30_000), (30_000, 100)])
def test_the_younger_of_book_and_mark_price_says_how_old_the_quote_is(world: World, book_ms: int, mark_ms: int) -> None:
    batch = world.liquidation_batch()
    assert batch.book is not None
    now_ms = world.clock.now_ms()
    of = occasion(world, HUNTER, batch)
    signal = detect(of, batch, batch.liquidations[0])
    assert isinstance(signal, Signal)
    enter = world.desk.evaluate.enter
    known = enter.ready_snapshot(of)
    assert isinstance(known, AccountSnapshot)
    made: Any = propose(of, signal, batch, instrument(), known)
    aged = replace(
        of,
        book=replace(batch.book, time_ms=now_ms - book_ms),
        mark=MarkPrice(d("100005"), now_ms - mark_ms),
    )
    decision = enter(aged, Trigger(signal.side, {}, {}), made, instrument(), known)
    assert (decision.outcome, decision.gate) == (Outcome.TAKEN, "")


def test_a_simulating_account_is_judged_by_a_pretended_balance_that_says_everything(world: World) -> None:
    batch = world.liquidation_batch()
    of = replace(occasion(world, HUNTER, batch), account=replace(ACCOUNT, mode=Mode.SIMULATE))
    ledger = _Changing(world.desk.evaluate.enter.ledger, lambda known: replace(known, balance=None))
    found = replace(world.desk.evaluate.enter, ledger=ledger).ready_snapshot(of)
    assert isinstance(found, AccountSnapshot)
    pretended = d("10000")
    assert found.balance == Balance(ACCOUNT.id, pretended, pretended, d("0"), NOW_MS, d("0"), d("0"))
    assert found.readiness == Readiness(
        ACCOUNT.id, BTC, 10, MarginType.ISOLATED, PositionMode.HEDGE, multi_assets=False, verified_at_ms=NOW_MS
    )
    assert found.guard is not None
    assert found.guard.standing_proof == Proof(0, NOW_MS)


def test_a_simulating_account_that_has_a_balance_is_judged_by_it_and_no_doubt_holds_it_up(world: World) -> None:
    world.remember(doubted_at_ms=NOW_MS + 5)
    batch = world.liquidation_batch()
    of = replace(occasion(world, HUNTER, batch), account=replace(ACCOUNT, mode=Mode.SIMULATE))
    known = replace(world.venue.fetch_balance(), wallet=d("123"))
    world.desk.repositories.balances.save(known)
    found = world.desk.evaluate.enter.ready_snapshot(of)
    assert isinstance(found, AccountSnapshot)
    assert found.balance == known
    assert found.guard is not None
    assert found.guard.standing_proof == Proof(0, NOW_MS)


@dataclass(slots=True)
class _Changing:
    """A ledger whose reading is changed: an older one, or one with something left out."""

    ledger: Ledger
    change: Callable[[AccountSnapshot], AccountSnapshot]

    def snapshot(self, *given: Any) -> AccountSnapshot:
        return self.change(self.ledger.snapshot(*given))

    def claim(self, claim: EntryClaim) -> ClaimOutcome:
        return self.ledger.claim(claim)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


@pytest.mark.parametrize(("later_ms", "asked"), [(5_000, 0), (5_001, 1)])
def test_an_order_in_flight_is_asked_about_by_a_second_signal_once_it_is_too_old_to_be_on_its_way(
    world: World, later_ms: int, asked: int
) -> None:
    def dies(_order: object) -> Rejected:
        raise KeyboardInterrupt

    world.venue.answers = [dies]
    before = world.desk.repositories.ledger.snapshot(ACCOUNT.id, ACCOUNT.venue, BTC)
    with pytest.raises(KeyboardInterrupt):
        world.desk.evaluate(world.liquidation_batch())
    world.clock.advance(later_ms)
    evaluate = world.desk.evaluate
    stale = replace(evaluate.enter, ledger=_Changing(evaluate.enter.ledger, lambda _: before))
    (decision,) = replace(evaluate, enter=stale)(world.liquidation_batch())
    assert decision.outcome is Outcome.TAKEN
    assert len(world.venue.submitted) == 1
    assert len(world.venue.questions) == asked


def test_an_order_that_stands_is_not_asked_about_by_a_second_signal(world: World) -> None:
    before = world.desk.repositories.ledger.snapshot(ACCOUNT.id, ACCOUNT.venue, BTC)
    world.entered()
    world.clock.advance(6_000)
    evaluate = world.desk.evaluate
    stale = replace(evaluate.enter, ledger=_Changing(evaluate.enter.ledger, lambda _: before))
    (decision,) = replace(evaluate, enter=stale)(world.liquidation_batch())
    assert decision.outcome is Outcome.TAKEN
    assert world.venue.questions == []


def test_settling_an_ended_entry_writes_the_slot_and_nothing_else(world: World) -> None:
    entry = world.entered()
    ended = world.order(entry).revised(OrderState.CANCELED, world.clock.now_ms(), "a test")
    before = world.slot
    world.desk.place.record.settled(ended, ZERO)
    assert world.slot == replace(before.settled(ended), version=before.version + 1)
    assert world.slot.entries == ()
    world.desk.place.record.settled(ended, ZERO)
    assert world.slot.version == before.version + 1


def test_an_order_that_moves_on_and_does_not_end_leaves_the_slot_alone(world: World) -> None:
    entry = world.entered()
    version, news = world.slot.version, world.venue.standing[entry]
    moved = replace(news, state=OrderState.PARTIALLY_FILLED, filled_quantity=d("0.001"), average_price=d("100000"))
    recorded = world.desk.place.record.news(world.order(entry), moved)
    assert recorded.state is OrderState.PARTIALLY_FILLED
    assert world.order(entry).state is OrderState.PARTIALLY_FILLED
    assert world.slot.version == version
