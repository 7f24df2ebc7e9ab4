"""What an order leaves behind beside itself: the looks that are due, what is measured, and what people are told."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.services.test_ladder_life import decide, layer, use
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, HUNTER, LONG, SHORT, d

from undertow.adapters.memory.recorders import Alert
from undertow.domain.decision import decision_id
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.ids import ClientOrderId, LiquidationId
from undertow.domain.market import Side
from undertow.domain.order import OrderState
from undertow.domain.outcome import Rejected, SubmitOutcome, Unconfirmed, VenueBlocked, VenueReadFailed
from undertow.ports import AlertLevel, ClaimOutcome, EntryClaim, Ledger
from undertow.risk.approval import ApprovedOrder
from undertow.services.place_order import OrderVanished
from undertow.services.resolve_unconfirmed import LOST_RELEASE_AFTER_MS


def looks(world: World) -> list[tuple[FollowUp, int]]:
    """All that is due later, with the seconds until then."""
    found, started_ms = [], world.clock.now_ms()
    while (due_ms := world.follow_ups.next_due_ms()) is not None:
        world.clock.advance(max(0, due_ms - world.clock.now_ms()))
        found += [(item, (world.clock.now_ms() - started_ms) // 1_000) for item in world.follow_ups.due()]
    return found


def look(world: World, kind: FollowUpKind, order: ClientOrderId | None, attempt: int = 0) -> FollowUp:
    return FollowUp(kind, ACCOUNT.id, BTC, LONG, order, attempt, world.clock.now_ms())


def lost_answer(_order: ApprovedOrder) -> SubmitOutcome:
    return Unconfirmed("503")


@dataclass(slots=True)
class Claims:
    """A ledger that keeps what was claimed, and answers ``outcome`` if there is one."""

    ledger: Ledger
    outcome: ClaimOutcome | None = None
    made: list[EntryClaim] = field(default_factory=list)

    def claim(self, claim: EntryClaim) -> ClaimOutcome:
        self.made.append(claim)
        return self.outcome or self.ledger.claim(claim)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


def claiming(world: World, outcome: ClaimOutcome | None = None) -> tuple[Claims, Any]:
    evaluate = world.desk.evaluate
    claims = Claims(evaluate.enter.place.ledger, outcome)
    return claims, replace(evaluate, enter=replace(evaluate.enter, place=replace(evaluate.enter.place, ledger=claims)))


def test_an_entry_that_stands_is_looked_at_after_2_s_and_ended_when_its_time_is_up(world: World) -> None:
    expected = [(FollowUpKind.CHECK_ENTRY, 2), (FollowUpKind.EXPIRE_ORDER, 30)]
    entry = world.entered()
    made = [look(world, kind, entry) for kind, _ in expected]
    assert looks(world) == [(item, after_s) for item, (_, after_s) in zip(made, expected, strict=True)]


def test_an_entry_without_an_answer_is_asked_about_after_2_s(world: World) -> None:
    world.venue.answers = [lost_answer]
    entry = world.entered()
    asked = look(world, FollowUpKind.RESOLVE_UNCONFIRMED, entry)
    assert looks(world) == [(asked, 2)]


def test_an_entry_that_was_not_sent_or_not_taken_is_not_looked_at(world: World) -> None:
    world.venue.answers = [lambda _order: Rejected(-2019, "Margin is insufficient.")]
    world.entered()
    assert looks(world) == []


def test_an_exit_is_not_looked_at_by_itself(world: World) -> None:
    world.holding()
    looks(world)
    world.desk.guard.close(ACCOUNT, world.position, "a test")
    assert looks(world) == []


def test_an_order_in_doubt_is_asked_about_2_5_and_15_s_after_the_last_question_and_then_by_the_schedule(
    world: World,
) -> None:
    world.venue.answers = [lost_answer]
    entry = world.entered()
    world.venue.read_failure = VenueReadFailed("time-out")
    waits, attempts = [], []
    while (due_ms := world.follow_ups.next_due_ms()) is not None:
        waits.append((due_ms - world.clock.now_ms()) // 1_000)
        world.clock.advance(due_ms - world.clock.now_ms())
        for item in world.follow_ups.due():
            attempts.append((item.kind, item.order, item.attempt))
            world.desk.take_up(ACCOUNT, item)
    assert waits == [2, 5, 15]
    assert attempts == [(FollowUpKind.RESOLVE_UNCONFIRMED, entry, number) for number in range(3)]


def test_an_order_whose_questions_came_while_the_venue_was_silent_is_settled_soon_after_the_next_pass(
    world: World,
) -> None:
    """Seed 737: it took three passes, a minute each."""
    world.venue.answers = [lost_answer]
    entry = world.entered()
    world.venue.read_failure = VenueReadFailed("time-out")
    while (due_ms := world.follow_ups.next_due_ms()) is not None:
        world.clock.advance(due_ms - world.clock.now_ms())
        world.follow_up()
    world.venue.read_failure = None
    world.clock.advance(38_000)
    world.desk.reconcile(ACCOUNT)
    assert (world.order(entry).state, world.order(entry).not_found) == (OrderState.UNCONFIRMED, 1)
    for wait_ms in (2_000, 5_000):
        world.clock.advance(wait_ms)
        world.follow_up()
    assert world.order(entry).state is OrderState.LOST
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    assert not [item for item, _ in looks(world) if item.kind is FollowUpKind.RESOLVE_UNCONFIRMED and item.attempt == 0]


def test_an_order_that_nobody_can_find_is_told_with_its_account_and_symbol_and_told_again_when_it_is_free(
    world: World,
) -> None:
    world.venue.answers = [lost_answer]
    order = world.order(world.entered())
    for _ in range(3):
        order = world.desk.resolve.ask(ACCOUNT, order)
    key = f"order_lost#{order.client_order_id}"
    message = "an order whose sending was not confirmed cannot be found at the venue; what it reserved stays reserved"
    facts = {"client_order_id": order.client_order_id, "symbol": "BTCUSDT", "account": "main"}
    assert world.notifier.alerts == [Alert(AlertLevel.CRITICAL, key, message, facts)]
    assert (order.state, order.reason) == (OrderState.LOST, "not found 3 times")
    assert world.meter.counts["orders_lost"] == 1
    world.clock.advance(LOST_RELEASE_AFTER_MS - 1)
    assert world.desk.resolve.ask(ACCOUNT, order).state is OrderState.LOST
    world.clock.advance(1)
    freed = world.desk.resolve.ask(ACCOUNT, order)
    assert (freed.state, freed.reason) == (OrderState.ABANDONED, "the venue never knew the order")
    assert world.notifier.ended == [(key, "the venue never knew the order; what it reserved is free again")]
    assert world.slot.reserved == {}


def test_a_lost_order_that_is_found_is_told_to_be_found(world: World) -> None:
    world.venue.answers = [lambda order: Unconfirmed(str(world.venue.take(order).news.client_order_id))]
    order = world.order(world.entered())
    news = world.venue.standing.pop(order.client_order_id)
    for _ in range(3):
        order = world.desk.resolve.ask(ACCOUNT, order)
    world.venue.standing[order.client_order_id] = news
    assert world.desk.resolve.ask(ACCOUNT, order).state is OrderState.OPEN
    assert world.notifier.ended == [(f"order_lost#{order.client_order_id}", "the order was found: open")]


def test_an_order_that_was_in_doubt_and_never_lost_is_found_without_a_word(world: World) -> None:
    world.venue.answers = [lambda order: Unconfirmed(str(world.venue.take(order).news.client_order_id))]
    order = world.order(world.entered())
    assert world.desk.resolve.ask(ACCOUNT, order).state is OrderState.OPEN
    assert (world.notifier.alerts, world.notifier.ended) == ([], [])


def test_what_happens_to_orders_is_counted(world: World) -> None:
    def blocked(_order: ApprovedOrder) -> SubmitOutcome:
        raise VenueBlocked(world.clock.now_ms() + 1, "429")

    for number, answer in enumerate((world.venue.take, lost_answer, blocked)):
        world.venue.answers = [answer]
        world.entered(number)
        world.clock.advance(31_000)
        world.desk.repositories.balances.save(world.venue.fetch_balance())
    world.venue.answers = [lambda _order: Rejected(-2019, "Margin is insufficient.")]
    world.entered(9)
    counted = {
        name: world.meter.counts[f"orders_{name}"] for name in ("accepted", "rejected", "unconfirmed", "notsent")
    }
    assert counted == {"accepted": 1, "rejected": 1, "unconfirmed": 1, "notsent": 1}
    assert (world.meter.counts["signals"], world.meter.counts["decisions_taken"]) == (4, 4)
    assert world.meter.observations["signal_to_order"] == [40] * 4


def test_a_clock_behind_the_workers_measures_no_negative_way_to_the_order(world: World) -> None:
    batch = world.liquidation_batch()
    (first,) = batch.liquidations
    world.desk.evaluate(replace(batch, liquidations=(replace(first, received_at_ms=world.clock.now_ms() + 7),)))
    assert world.meter.observations["signal_to_order"] == [0]


def test_a_fill_is_counted_and_the_time_until_its_stop_is_measured(world: World) -> None:
    entry = world.entered()
    filled = world.venue.fill(entry, d("0.009"), d("100001"))
    world.clock.advance(700)
    world.desk.track(ACCOUNT, filled)
    assert world.meter.counts["fills_booked"] == 1
    assert world.meter.observations["protected_within"] == [700]
    assert world.position.protected_at_ms == world.clock.now_ms()


@pytest.mark.parametrize(
    ("outcome", "gate", "reason"),
    [
        (ClaimOutcome.PAUSED, "paused", "trading was switched off while the entry was being claimed"),
        (ClaimOutcome.CAP_REACHED, "max_total", "another entry took what was left of the account's cap"),
        (ClaimOutcome.SLOT_MOVED, "slot", "another entry or fill changed this symbol at the same moment"),
    ],
)
def test_a_lost_claim_sends_nothing_and_says_who_was_first(
    world: World, outcome: ClaimOutcome, gate: str, reason: str
) -> None:
    _, evaluate = claiming(world, outcome)
    (decision,) = evaluate(world.liquidation_batch())
    assert (decision.gate, decision.reason, decision.client_order_id) == (gate, reason, None)
    assert decision.inputs["quantity"] == "0.009"
    assert world.venue.submitted == []
    assert world.meter.counts["claims_lost"] == 1
    assert world.desk.repositories.decisions.get(ACCOUNT.id, decision.id) == decision


def test_an_entry_is_claimed_under_the_caps_of_its_account_with_all_that_it_reserves(world: World) -> None:
    claims, evaluate = claiming(world)
    before = world.slot
    (decision,) = evaluate(world.liquidation_batch())
    (claim,) = claims.made
    (entry,) = claim.slot_after.entries
    sent = world.order(claim.order.client_order_id).intent
    assert (claim.max_total_notional, claim.max_total_margin, claim.max_positions) == (d("10000"), d("1000"), 5)
    assert (claim.max_total_risk, claim.opposite_in_use) == (d("1450"), False)
    assert (claim.order.state, claim.order.version) == (OrderState.IN_FLIGHT, 1)
    assert claim.slot_before == before
    assert (entry.strategy, entry.layer, entry.notional, entry.margin) == (HUNTER, 0, sent.notional, sent.margin)
    assert entry.risk == sent.risk > 0
    assert claim.slot_after.cooldown_until_ms == {HUNTER: world.clock.now_ms() + 30_000}
    assert claim.decision == decision
    assert decision.client_order_id == sent.client_order_id


def test_an_entry_beside_a_held_position_of_the_other_side_takes_no_place_of_its_own(world: World) -> None:
    world.holding()
    world.clock.advance(31_000)
    world.params.replace(_hedging(world))
    claims, evaluate = claiming(world)
    evaluate(world.liquidation_batch(2, side=Side.BUY))
    (claim,) = claims.made
    assert (claim.order.intent.position_side, claim.opposite_in_use) == (SHORT, True)


def _hedging(world: World) -> Any:
    params = world.params.current()
    strategy = params.strategies[HUNTER]
    policy = type(strategy.symbols[BTC].opposite)
    symbols = {BTC: replace(strategy.symbols[BTC], opposite=policy.HEDGE)}  # type: ignore[arg-type]
    return replace(params, strategies={HUNTER: replace(strategy, symbols=symbols)})  # type: ignore[arg-type]


def test_a_later_layer_pauses_its_ladder_for_the_delay_between_layers_and_not_for_the_cooldown(world: World) -> None:
    use(world)
    layer(world, 1, "100000")
    world.clock.advance(61_000)
    world.prove()
    began_ms = world.clock.now_ms()
    decision = decide(world, 2, "99600")
    assert decision.client_order_id is not None, decision
    assert list(world.slot.cooldown_until_ms.values()) == [began_ms + 5_000]


def test_a_decision_names_its_strategy_its_cause_and_the_parameters_that_it_was_pinned_to(world: World) -> None:
    batch = world.liquidation_batch(7)
    (decision,) = world.desk.evaluate(batch)
    (first,) = batch.liquidations
    assert decision.id == decision_id(HUNTER, LiquidationId("liq7"))
    assert (decision.strategy, decision.account, decision.symbol) == (HUNTER, ACCOUNT.id, BTC)
    assert (decision.liquidation, decision.params_version) == ("liq7", "g1/h1")
    assert (decision.event_time_ms, decision.decided_at_ms) == (
        first.liquidation.event_time_ms,
        world.clock.now_ms(),
    )
    assert (decision.inputs["liquidated_side"], decision.inputs["liquidation_notional"]) == ("SELL", "3000")
    assert (decision.gate, decision.reason, len(decision.layers)) == ("", "", 8)


def test_a_record_that_was_there_and_cannot_be_read_stops_the_exit(world: World) -> None:
    world.holding()
    close = world.desk.guard.close
    place = replace(close.place, orders=_Vanished())
    with pytest.raises(OrderVanished, match=r"the record of order ut-x-\w+ cannot be read"):
        replace(close, place=place)(ACCOUNT, world.position, "a test")


class _Vanished:
    def add(self, *_asked: object) -> bool:
        return False

    def get(self, *_asked: object) -> None:
        return None
