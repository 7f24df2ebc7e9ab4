"""A position that this system did not open takes its part of the account's caps, as long as it is there."""

from dataclasses import replace

import pytest
from tests.services.test_ladder_life import decide, use
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.account import BookTotals, MarginType, PositionMode, VenuePosition
from undertow.domain.decision import Outcome
from undertow.domain.fill import Fill
from undertow.domain.ids import ClientOrderId, TradeId, VenueOrderId
from undertow.domain.market import PositionSide, Side
from undertow.domain.outcome import Unconfirmed
from undertow.domain.position import Slot, ladder_key
from undertow.ports import ExternalPolicy
from undertow.risk.budget import loss_at_stop
from undertow.risk.limits import RiskLimits

SHORT = PositionSide.SHORT
LIMITS = RiskLimits()


def theirs(quantity: str = "0.5", liquidation: str | None = None) -> VenuePosition:
    """A short with leverage 5 that somebody else opened at 100,000."""
    at = d(liquidation) if liquidation is not None else None
    return VenuePosition(
        BTC, SHORT, d(quantity), d("100000"), d("100000"), d("0"), 5, MarginType.ISOLATED, at, updated_at_ms=0
    )


def adopt(world: World, position: VenuePosition) -> Slot:
    world.venue.positions = [position]
    assert world.desk.reconcile(ACCOUNT).adopted == 1
    return slot(world)


def slot(world: World) -> Slot:
    return world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, SHORT)


def totals(world: World) -> BookTotals:
    return world.desk.repositories.ledger.totals(ACCOUNT.id)


def only_watch(world: World) -> None:
    known = world.params.current()
    world.params.replace(replace(known, globals=replace(known.globals, external=ExternalPolicy(None))))


def bought(quantity: str, number: int = 900, side: Side = Side.SELL) -> Fill:
    return Fill(
        account=ACCOUNT.id,
        symbol=BTC,
        trade_id=TradeId(number),
        venue_order_id=VenueOrderId(number),
        client_order_id=None,
        side=side,
        position_side=SHORT,
        price=d("100000"),
        quantity=d(quantity),
        commission=d("0"),
        commission_asset="USDT",
        realized_pnl=d("0"),
        maker=False,
        time_ms=0,
    )


def test_an_adopted_position_reserves_its_notional_its_margin_and_its_loss_at_the_policys_stop(world: World) -> None:
    adopted = adopt(world, theirs())
    assert adopted.position is not None
    assert adopted.position.risk_flag == "adopted"
    held = adopted.reserved[ClientOrderId(adopted.position.id)]
    assert (held.notional, held.margin) == (d("50000"), d("10000"))
    assert held.risk == loss_at_stop(SHORT, d("0.5"), d("100000"), d("103000"), LIMITS)
    assert (totals(world).notional, totals(world).risk) == (held.notional, held.risk)


@pytest.mark.parametrize(("liquidation", "worst"), [("118000", "118000"), (None, "200000")])
def test_without_a_stop_it_reserves_its_loss_at_the_liquidation_price_or_all_of_it(
    liquidation: str | None, worst: str, world: World
) -> None:
    only_watch(world)
    adopted = adopt(world, theirs(liquidation=liquidation))
    assert adopted.reserved_risk == loss_at_stop(SHORT, d("0.5"), d("100000"), d(worst), LIMITS)


def test_what_it_reserved_goes_back_when_it_is_gone(world: World) -> None:
    adopt(world, theirs())
    world.venue.positions = []
    for _ in range(2):
        world.clock.advance(10_000)
        world.desk.reconcile(ACCOUNT)
    assert slot(world).position is None
    assert not slot(world).reserved
    assert (totals(world).notional, totals(world).margin, totals(world).risk) == (0, 0, 0)


def test_it_reserves_more_when_its_owner_adds_to_it_and_less_when_he_takes_from_it(world: World) -> None:
    first = adopt(world, theirs()).reserved_risk
    world.desk.expire.import_fills.book(bought("0.25"), None, None)
    world.venue.positions = [theirs("0.75")]
    world.clock.advance(10_000)
    world.desk.reconcile(ACCOUNT)
    assert slot(world).reserved_risk == first * d("1.5")
    world.desk.expire.import_fills.book(bought("0.5", 901, Side.BUY), None, None)
    world.venue.positions = [theirs("0.25")]
    world.clock.advance(10_000)
    world.desk.reconcile(ACCOUNT)
    assert slot(world).reserved_risk == first * d("0.5")
    assert totals(world).risk == slot(world).reserved_risk


def test_a_correction_by_the_venues_word_moves_its_reserve_too(world: World) -> None:
    first = adopt(world, theirs()).reserved_risk
    world.venue.positions = [theirs("0.1")]
    for _ in range(2):
        world.clock.advance(10_000)
        world.desk.reconcile(ACCOUNT)
    assert slot(world).reserved_risk == first * d("0.2")


def test_a_position_that_a_strangers_fill_opened_reserves_from_the_next_pass_on(world: World) -> None:
    world.desk.expire.import_fills.book(bought("0.5"), None, None)
    assert slot(world).reserved_risk == 0
    world.venue.positions = [theirs()]
    world.desk.reconcile(ACCOUNT)
    position = slot(world).position
    assert position is not None
    assert position.risk_flag == "adopted"
    assert totals(world).risk == slot(world).reserved_risk > 0


def test_a_pass_that_finds_nothing_new_writes_nothing(world: World) -> None:
    adopt(world, theirs())
    world.clock.advance(10_000)
    world.desk.reconcile(ACCOUNT)
    version = slot(world).version
    world.clock.advance(10_000)
    world.desk.reconcile(ACCOUNT)
    assert slot(world).version == version


def test_our_own_position_keeps_what_its_entry_reserved(world: World) -> None:
    entry = world.holding()
    before = world.slot.reserved
    assert set(before) == {entry}
    own = replace(theirs(), side=PositionSide.LONG, quantity=d("0.009"))
    world.venue.positions = [own]
    world.clock.advance(10_000)
    world.desk.reconcile(ACCOUNT)
    assert world.slot.reserved == before


def test_no_layer_is_ever_added_to_it(world: World) -> None:
    assert adopt(world, theirs()).ladder is None
    assert slot(world).ladder is None


def test_what_may_be_a_lost_entrys_fill_is_left_to_it_for_a_minute_and_adopted_then(world: World) -> None:
    world.venue.answers = [lambda _order: Unconfirmed("503")]
    world.entered()
    world.venue.positions = [replace(theirs("0.009"), side=PositionSide.LONG)]
    world.clock.advance(30_000)
    assert world.desk.reconcile(ACCOUNT).adopted == 0
    world.clock.advance(31_000)
    assert world.desk.reconcile(ACCOUNT).adopted == 1
    assert world.position.is_external
    assert world.position.stop_order in world.venue.standing


def test_a_ladder_whose_first_layer_was_lost_adds_nothing_to_a_position_found_in_its_place(world: World) -> None:
    use(world)
    world.venue.answers = [lambda _order: Unconfirmed("503")]
    assert decide(world).outcome is Outcome.TAKEN
    world.venue.positions = [replace(theirs("0.5"), side=PositionSide.LONG)]
    for _ in range(3):
        world.clock.advance(30_000)
        world.desk.reconcile(ACCOUNT)
    ladder = world.slot.ladder
    assert world.position.is_external
    assert ladder is not None
    assert ladder.frozen_at_ms is not None
    assert ladder_key(ladder.plan.id) not in world.slot.reserved
    assert totals(world).risk == world.slot.reserved_risk


def test_a_list_that_lags_behind_what_was_booked_as_closed_is_not_believed(world: World) -> None:
    world.holding()
    held, opened_ms = world.position, world.clock.now_ms()
    stale = VenuePosition(
        BTC, held.side, held.quantity, d("100000"), d("100000"), d("0"), 5, MarginType.ISOLATED, None, opened_ms
    )
    world.clock.advance(5_000)
    assert held.stop_order is not None
    world.desk.track(ACCOUNT, world.venue.fill(held.stop_order, held.quantity, d("99000")))
    world.venue.positions = [stale]
    assert world.desk.reconcile(ACCOUNT).adopted == 0
    assert world.slot.position is None
    world.clock.advance(1_000)
    world.venue.positions = [replace(stale, updated_at_ms=world.clock.now_ms())]
    assert world.desk.reconcile(ACCOUNT).adopted == 1


def test_a_list_from_before_a_trade_that_is_booked_is_not_believed(world: World) -> None:
    """Its owner opened it unheard, and the list does not show yet that he has sold a part of it since."""
    book = world.desk.expire.import_fills.book
    before = replace(theirs("0.5"), updated_at_ms=world.clock.now_ms() - 500)
    excess = replace(bought("0.2", side=Side.BUY), time_ms=world.clock.now_ms())
    assert book(excess, None, None).excess == d("0.2")
    world.venue.positions = [before]
    assert world.desk.reconcile(ACCOUNT).adopted == 0
    assert slot(world).position is None
    world.clock.advance(1_000)
    world.venue.positions = [replace(theirs("0.3"), updated_at_ms=excess.time_ms)]
    assert world.desk.reconcile(ACCOUNT).adopted == 1


def test_a_trade_booked_while_the_list_was_read_keeps_it_from_being_believed(world: World) -> None:
    """Even one that moves nothing here: there is nothing yet to be moved."""
    world.venue.positions = [replace(theirs("0.5"), updated_at_ms=world.clock.now_ms() - 500)]
    excess = replace(bought("0.2", side=Side.BUY), time_ms=world.clock.now_ms())

    def first_reading() -> None:
        world.venue.while_asked_for_positions.append(lambda: world.desk.track.book(excess, None, None))

    world.venue.while_asked_for_positions.append(first_reading)
    assert world.desk.reconcile(ACCOUNT).adopted == 0
    assert slot(world).position is None


def test_without_sides_a_trade_booked_on_one_of_them_is_news_for_the_other(world: World) -> None:
    one_way = replace(ACCOUNT, position_mode=PositionMode.ONE_WAY)
    world.holding()
    world.venue.positions = [replace(theirs("0.5"), updated_at_ms=world.clock.now_ms() - 500)]
    assert world.desk.reconcile(one_way).adopted == 0
    assert world.desk.reconcile(ACCOUNT).adopted == 1


def test_a_trade_that_the_list_shows_nothing_of_holds_it_up_for_one_pass_only(world: World) -> None:
    excess = replace(bought("0.2", side=Side.BUY), time_ms=world.clock.now_ms())
    world.desk.expire.import_fills.book(excess, None, None)
    world.venue.positions = [replace(theirs("0.5"), updated_at_ms=excess.time_ms - 1)]
    world.clock.advance(44_999)
    assert world.desk.reconcile(ACCOUNT).adopted == 0
    world.clock.advance(1)
    assert world.desk.reconcile(ACCOUNT).adopted == 1
