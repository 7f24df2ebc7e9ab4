"""Where the venue's word is taken a row says so, and fills and corrections add up to the position, always."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.services.test_adopted_positions import bought
from tests.services.test_reconcile import leg
from tests.services.world import ACCOUNT, World, new_world
from tests.unit.builders import BTC, d

from undertow.domain.account import VenuePosition
from undertow.domain.correction import Correction, CorrectionReason
from undertow.domain.fill import Fill
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide, Side
from undertow.domain.outcome import VenueReadFailed
from undertow.domain.position import Position

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


def corrections(world: World) -> list[Correction]:
    """Oldest first."""
    return list(world.desk.repositories.ledger.corrections(ACCOUNT.id, 0, world.clock.now_ms() + 1, 1_000))[::-1]


def closed(world: World) -> list[Position]:
    return list(world.desk.repositories.ledger.closed_positions(ACCOUNT.id, 0, world.clock.now_ms() + 1, 100))


def adds_up(world: World, side: PositionSide = LONG, symbol: Symbol = BTC) -> bool:
    """The invariant I6, of one leg."""
    kept = world.desk.repositories
    fills = kept.fills.of_symbol(ACCOUNT.id, symbol, 0, world.clock.now_ms() + 1_000_000)
    traded = sum((_signed(fill) for fill in fills if fill.position_side is side), Decimal(0))
    moved = sum(
        (one.signed_change for one in corrections(world) if (one.symbol, one.side) == (symbol, side)), Decimal(0)
    )
    position = kept.ledger.slot(ACCOUNT.id, symbol, side).position
    return traded + moved == (position.signed_quantity if position is not None else 0)


def _signed(fill: Fill) -> Decimal:
    return fill.quantity if fill.side is Side.BUY else -fill.quantity


def passes(world: World, times: int, apart_ms: int = 60_000) -> None:
    """As the schedule makes them: two within the time that a list of the venue may lag are told by the test."""
    for _ in range(times):
        world.clock.advance(apart_ms)
        world.desk.reconcile(ACCOUNT)


def seen_at(position: VenuePosition, updated_at_ms: int) -> VenuePosition:
    return replace(position, updated_at_ms=updated_at_ms)


def test_a_position_closed_outside_without_any_trade_is_closed_with_no_estimate_and_says_so(world: World) -> None:
    world.holding()
    passes(world, 2)
    (gone,) = closed(world)
    assert (gone.realized_pnl, gone.unexplained, gone.quantity) == (d("0"), d("-0.009"), d("0"))
    (row,) = corrections(world)
    assert (row.reason, row.before, row.after) == (CorrectionReason.CLOSED_OUTSIDE, d("0.009"), d("0"))
    assert row.position == gone.id
    assert row.epoch > 0
    assert adds_up(world)


def test_a_position_closed_outside_by_trades_that_can_be_had_is_closed_with_their_profit(world: World) -> None:
    world.holding()
    world.clock.advance(10_000)
    sold = replace(bought("0.009", 950), position_side=LONG, realized_pnl=d("17.5"), time_ms=world.clock.now_ms())
    world.venue.trades.append(sold)
    passes(world, 1)
    (gone,) = closed(world)
    assert (gone.realized_pnl, gone.unexplained) == (d("17.5"), d("0"))
    assert corrections(world) == []
    assert adds_up(world)


def test_two_readings_less_than_three_seconds_apart_are_one(world: World) -> None:
    world.holding()
    world.clock.advance(60_000)
    passes(world, 2, apart_ms=1_000)
    assert world.position.quantity == d("0.009")
    passes(world, 2, apart_ms=3_000)
    assert world.slot.position is None


def test_a_list_that_shows_no_position_twice_may_be_from_before_the_trade_that_opened_it(world: World) -> None:
    world.holding()
    passes(world, 4, apart_ms=10_000)
    assert world.position.quantity == d("0.009")
    assert corrections(world) == []
    passes(world, 1, apart_ms=10_000)
    assert world.slot.position is None


def test_a_list_that_lags_behind_a_trade_does_not_take_its_quantity_back(world: World) -> None:
    opened_ms = world.clock.now_ms()
    world.holding()
    world.clock.advance(1_000)
    more = replace(bought("0.004", 940, Side.BUY), position_side=LONG, time_ms=world.clock.now_ms())
    world.desk.expire.import_fills.book(more, None, None)
    world.venue.positions = [seen_at(leg("0.009"), opened_ms)]
    passes(world, 4, apart_ms=10_000)
    assert world.position.quantity == d("0.013")
    world.venue.positions = [seen_at(leg("0.013"), more.time_ms)]
    passes(world, 1, apart_ms=10_000)
    assert corrections(world) == []


def test_a_quantity_that_changed_after_the_last_trade_that_is_booked_is_believed_at_once(world: World) -> None:
    world.holding()
    world.venue.positions = [seen_at(leg("0.004"), world.clock.now_ms() + 5_000)]
    passes(world, 2, apart_ms=10_000)
    assert world.position.quantity == d("0.004")


def test_a_quantity_that_no_trade_explains_is_set_with_a_row_that_says_from_what_to_what(world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.004")]
    passes(world, 2)
    (row,) = corrections(world)
    assert (row.reason, row.before, row.after) == (CorrectionReason.QUANTITY, d("0.009"), d("0.004"))
    assert (row.entry_price_before, row.entry_price_after) == (d("100001"), d("100000"))
    assert world.position.unexplained == d("-0.005")
    assert adds_up(world)


def test_an_adopted_position_is_a_correction_from_nothing(world: World) -> None:
    world.venue.positions = [leg("0.5", SHORT)]
    passes(world, 1)
    (row,) = corrections(world)
    assert (row.reason, row.before, row.after) == (CorrectionReason.ADOPTED, d("0"), d("0.5"))
    assert adds_up(world, SHORT)


def test_trades_of_a_long_held_position_that_are_learnt_of_after_it_was_adopted_only_explain_it(world: World) -> None:
    opened_ms = world.clock.now_ms() - 30 * 86_400_000
    world.venue.positions = [seen_at(leg("0.5", SHORT), opened_ms)]
    passes(world, 1)
    world.desk.expire.import_fills.book(replace(bought("0.5", 7), time_ms=opened_ms, commission=d("3")), None, None)
    slot = world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, SHORT)
    assert slot.position is not None
    assert (slot.position.quantity, slot.position.commission) == (d("0.5"), d("3"))
    assert corrections(world)[-1].reason is CorrectionReason.EXPLAINED
    assert adds_up(world, SHORT)
    passes(world, 1)
    assert len(corrections(world)) == 2


def test_a_trade_after_the_adoption_moves_the_position(world: World) -> None:
    world.venue.positions = [seen_at(leg("0.5", SHORT), world.clock.now_ms() - 1_000)]
    passes(world, 1)
    sold = replace(bought("0.25", 8), time_ms=world.clock.now_ms())
    world.desk.expire.import_fills.book(sold, None, None)
    slot = world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, SHORT)
    assert slot.position is not None
    assert slot.position.quantity == d("0.75")
    assert adds_up(world, SHORT)


def test_the_trade_that_closed_a_ghost_and_is_learnt_of_late_touches_no_later_position(world: World) -> None:
    world.holding()
    world.clock.advance(1_000)
    late = replace(bought("0.009", 960), position_side=LONG, time_ms=world.clock.now_ms(), realized_pnl=d("4"))
    passes(world, 2)
    world.clock.advance(60_000)
    world.prove()
    second = world.entered(2)
    world.desk.track(ACCOUNT, world.venue.fill(second, world.venue.standing[second].quantity, d("100001")))
    held = world.position.quantity
    world.desk.expire.import_fills.book(late, None, None)
    assert world.position.quantity == held
    assert adds_up(world)


def test_where_trades_name_no_side_the_one_that_closed_a_ghost_and_is_learnt_of_late_opens_none(world: World) -> None:
    """A one-way account: sold where nothing is held it would be a short, which the venue does not hold."""
    world.holding()
    world.clock.advance(1_000)
    late = replace(bought("0.009", 965), position_side=None, time_ms=world.clock.now_ms())
    passes(world, 2)
    assert world.slot.position is None
    world.venue.trades.append(late)
    (booking,) = world.desk.expire.import_fills(ACCOUNT, BTC, late.time_ms)
    assert (booking.side, booking.opened) == (LONG, False)
    assert world.desk.repositories.ledger.slots_in_use(ACCOUNT.id) == []
    assert corrections(world)[-1].reason is CorrectionReason.EXPLAINED


def test_where_trades_name_no_side_one_after_that_opens_the_other(world: World) -> None:
    world.holding()
    passes(world, 2)
    sold = replace(bought("0.009", 966), position_side=None, time_ms=world.clock.now_ms())
    booking = world.desk.expire.import_fills.book(sold, None, None)
    assert (booking.side, booking.opened) == (SHORT, True)


def test_a_trade_that_explains_a_corrected_quantity_takes_the_doubt_off_it(world: World) -> None:
    world.holding()
    world.clock.advance(1_000)
    sold_ms = world.clock.now_ms()
    world.venue.positions = [seen_at(leg("0.004"), sold_ms)]
    passes(world, 2)
    late = replace(bought("0.005", 970), position_side=LONG, time_ms=sold_ms, realized_pnl=d("2"))
    world.desk.expire.import_fills.book(late, None, None)
    assert (world.position.quantity, world.position.unexplained) == (d("0.004"), d("0"))
    assert world.position.realized_pnl == d("2")
    assert adds_up(world)


def test_a_fill_that_closes_more_than_is_known_leaves_a_row(world: World) -> None:
    world.holding()
    more = replace(bought("0.02", 980), position_side=LONG, time_ms=world.clock.now_ms())
    booking = world.desk.expire.import_fills.book(more, None, None)
    assert booking.excess == d("0.011")
    assert corrections(world)[-1].reason is CorrectionReason.EXCESS
    assert adds_up(world)


def test_while_trades_cannot_be_read_the_venues_word_is_taken_after_three_passes_and_not_before(world: World) -> None:
    world.holding()
    world.venue.fills_failure = VenueReadFailed("time-out")
    for _ in range(3):
        world.clock.advance(60_000)
        with pytest.raises(VenueReadFailed):
            world.desk.reconcile(ACCOUNT)
    assert world.position.quantity == d("0.009")
    world.clock.advance(60_000)
    with pytest.raises(VenueReadFailed):
        world.desk.reconcile(ACCOUNT)
    assert world.slot.position is None
    assert adds_up(world)


def test_a_difference_that_keeps_coming_back_is_told_and_nothing_is_opened_there(world: World) -> None:
    world.holding()
    for quantity in ("0.004", "0.006", "0.003"):
        world.venue.positions = [leg(quantity)]
        passes(world, 2)
    assert "difference_returns#main#BTCUSDT#LONG" in world.alerts
    guard = world.desk.repositories.guards.get(ACCOUNT.id)
    assert guard.proof is not None
    assert BTC in guard.proof.unproven
    assert world.position.quantity == d("0.003")
    passes(world, 1, apart_ms=3_700_000)
    again = world.desk.repositories.guards.get(ACCOUNT.id).proof
    assert again is not None
    assert BTC not in again.unproven


def test_both_legs_of_a_hedge_are_settled_each_by_itself(world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.009"), leg("0.009", SHORT)]
    passes(world, 1)
    short = world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, SHORT).position
    assert world.position.quantity == d("0.009")
    assert short is not None
    assert short.quantity == d("0.009")
    assert (adds_up(world), adds_up(world, SHORT)) == (True, True)


def test_a_position_that_stands_on_the_other_side_is_closed_here_and_adopted_there(world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.009", SHORT)]
    passes(world, 2)
    assert world.slot.position is None
    assert world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, SHORT).position is not None
    assert (adds_up(world), adds_up(world, SHORT)) == (True, True)


def test_an_entry_that_filled_and_was_closed_while_nobody_listened_has_both_its_trades_booked(world: World) -> None:
    entry = world.entered()
    quantity = world.venue.standing[entry].quantity
    world.clock.advance(1_000)
    world.venue.fill(entry, quantity, d("100001"))
    by_hand = bought(str(quantity), 990)
    world.venue.trades.append(replace(by_hand, position_side=LONG, time_ms=world.clock.now_ms(), realized_pnl=d("9")))
    passes(world, 1)
    (gone,) = closed(world)
    assert gone.realized_pnl == d("9")
    assert adds_up(world)


def test_an_order_known_to_have_filled_whose_fill_was_never_booked_has_it_fetched(world: World) -> None:
    entry = world.entered()
    quantity = world.venue.standing[entry].quantity
    world.clock.advance(1_000)
    told = world.venue.fill(entry, quantity, d("100001"))
    world.desk.track(ACCOUNT, replace(told, fill=None))
    world.venue.trades.append(
        replace(bought(str(quantity), 991), position_side=LONG, time_ms=world.clock.now_ms(), realized_pnl=d("9"))
    )
    assert world.slot.position is None
    passes(world, 1)
    assert len(closed(world)) == 1
    assert world.slot.entries == ()
    assert adds_up(world)


STEPS = st.lists(
    st.tuples(st.sampled_from(("venue", "fill", "late", "pass")), st.integers(0, 9), st.sampled_from((LONG, SHORT))),
    max_size=25,
)


@given(STEPS)
def test_whatever_happens_fills_and_corrections_add_up_to_the_position(
    steps: list[tuple[str, int, PositionSide]],
) -> None:
    world = new_world()
    for number, (what, amount, side) in enumerate(steps):
        world.clock.advance(4_000)
        now_ms = world.clock.now_ms()
        match what:
            case "venue":
                world.venue.positions = [seen_at(leg(f"0.{amount}", side), now_ms)] if amount else []
            case "fill" | "late":
                moment = now_ms if what == "fill" else now_ms - 3_600_000
                bought_or_sold = Side.BUY if number % 2 else Side.SELL
                fill = bought(f"0.{amount + 1}", 1_000 + number, bought_or_sold)
                world.desk.expire.import_fills.book(replace(fill, position_side=side, time_ms=moment), None, None)
            case _:
                world.desk.reconcile(ACCOUNT)
        assert adds_up(world, LONG)
        assert adds_up(world, SHORT)


def test_a_position_older_than_the_trade_history_starts_as_the_venue_has_it(world: World) -> None:
    """Of a long of 1 a fifth was sold half an hour ago, on a one-way account, where a trade names no side."""
    world.clock.advance(1_000)
    sold_ms = world.clock.now_ms() - 1_800_000
    sold = replace(bought("0.2", 500), position_side=None, side=Side.SELL, time_ms=sold_ms, realized_pnl=d("3"))
    world.venue.trades.append(sold)
    world.venue.positions = [seen_at(leg("0.8"), sold_ms)]
    report = world.desk.reconcile(ACCOUNT)
    assert (report.adopted, report.fills_imported, report.is_proven) == (1, 1, True)
    assert world.position.quantity == d("0.8")
    assert world.position.realized_pnl == d("3")
    assert world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, SHORT).position is None
    assert [row.reason for row in corrections(world)] == [CorrectionReason.ADOPTED, CorrectionReason.EXPLAINED]
