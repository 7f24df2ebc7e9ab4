"""Each trouble leaves the venue as it says, and its books consistent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

import pytest
from local.venue.authentication import Doorman
from local.venue.faults import Fault, faults
from local.venue.happenings import Liquidated
from local.venue.house import House, open_house
from local.venue.http import Request
from local.venue.rest import Rest
from local.venue.shocked import ShockedMarket
from tests.simulation.identity import check_identity
from tests.simulation.market import START_MS, drawn_market
from tests.simulation.scene import Trouble
from tests.simulation.troubles import TROUBLES, all_is_open

from undertow.adapters.paper.accounts import Position
from undertow.adapters.paper.events import Leg, OrderEvent, Status
from undertow.adapters.paper.floor import Rules
from undertow.adapters.paper.orders import EngineOrder, OrderRequest
from undertow.domain.account import Account, MarginType, Mode, PositionMode
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Side, Venue
from undertow.domain.order import OrderType, TimeInForce

MAIN = Account(AccountId("main"), Venue.ASTER, Mode.LIVE, PositionMode.ONE_WAY, multi_assets=False)
SYMBOL = Symbol("AAAUSDT")
BY_NAME = {trouble.name: trouble for trouble in TROUBLES}


@dataclass(slots=True)
class Stage:
    """A scene with a position of ours, isolated, its stop, its target, and an entry that rests."""

    house: House
    random: Random
    now_ms: int
    account: Account = MAIN
    heard: list[object] = field(default_factory=list)

    def happens(self, name: str) -> None:
        assert BY_NAME[name].act(self)
        self.house.publish(self.now_ms)

    def pass_s(self, seconds: float) -> None:
        for _ in range(int(seconds * 2)):
            self.now_ms += 500
            self.house.advance(self.now_ms)

    def place(self, request: OrderRequest) -> EngineOrder:
        self.house.refresh(request.symbol)
        order = self.house.exchange.place(MAIN.id, request, self.house.now_ms)
        self.house.publish(self.house.now_ms)
        return order

    def order(self, letter: str) -> EngineOrder:
        orders = self.house.exchange.floor.orders.all.values()
        return next(one for one in orders if one.client_order_id.startswith(f"ut-{letter}-"))

    @property
    def market(self) -> ShockedMarket:
        assert isinstance(self.house.market, ShockedMarket)
        return self.house.market

    @property
    def position(self) -> Position:
        return self.house.exchange.account(MAIN.id).position(SYMBOL, Leg.BOTH)

    @property
    def wallet(self) -> Decimal:
        return self.house.exchange.account(MAIN.id).wallet

    @property
    def amount(self) -> Decimal:
        return self.position.amount


def empty_stage(seed: int = 1) -> Stage:
    market = ShockedMarket(drawn_market(Random(f"market {seed}"), seed, 1, 5.0))
    house = open_house(market, faults("none", seed), seed=seed, now_ms=START_MS, account_names=["main"])
    stage = Stage(house, Random(seed), START_MS)
    house.subscribe(stage.heard.append)
    house.market.watch("test", [SYMBOL])
    stage.pass_s(2)
    return stage


@pytest.fixture
def stage() -> Stage:
    made = empty_stage()
    exchange, last = made.house.exchange, made.house.market.quote(SYMBOL).last
    exchange.set_margin_type(MAIN.id, SYMBOL, MarginType.ISOLATED, made.now_ms)
    exchange.set_leverage(MAIN.id, SYMBOL, 10, made.now_ms)
    made.place(_named("e-one", Side.BUY, OrderType.MARKET, quantity=Decimal("1")))
    low, high = round(last * Decimal("0.95")), round(last * Decimal("1.05"))
    made.place(_named("s-one", Side.SELL, OrderType.STOP_MARKET, stop_price=Decimal(low), close_position=True))
    made.place(_named("t-one", Side.SELL, OrderType.TAKE_PROFIT_MARKET, stop_price=Decimal(high), close_position=True))
    below = Decimal(round(last * Decimal("0.97")))
    made.place(
        _named("e-two", Side.BUY, OrderType.LIMIT, quantity=Decimal("2"), price=below, time_in_force=TimeInForce.GTC)
    )
    made.heard.clear()
    return made


def _named(name: str, side: Side, kind: OrderType, **rest: object) -> OrderRequest:
    return OrderRequest(SYMBOL, side, kind, client_order_id=f"ut-{name}", **rest)  # type: ignore[arg-type]


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_a_trouble_keeps_the_books_of_the_venue_consistent(stage: Stage, trouble: Trouble) -> None:
    for _ in range(5):
        trouble.act(stage)
        stage.pass_s(3)
    all_is_open(stage.house)
    stage.pass_s(5)
    assert check_identity(stage.house, MAIN.id) == []


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_a_trouble_follows_from_its_seed(trouble: Trouble) -> None:
    def told() -> list[str]:
        made = empty_stage(7)
        for _ in range(4):
            trouble.act(made)
            made.pass_s(2)
        return [repr(event) for event in made.heard]

    assert told() == told()


def test_names_are_told_apart_and_rows_are_of_the_failure_model() -> None:
    assert len(BY_NAME) == len(TROUBLES) >= 50
    assert all(trouble.rows and all(1 <= row <= 97 for row in trouble.rows) for trouble in TROUBLES)


# --- the owner --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "moved"),
    [
        ("owner_closes", lambda amount: amount == 0),
        ("owner_reduces", lambda amount: 0 < amount < 1),
        ("owner_adds", lambda amount: amount > 1),
        ("owner_flips", lambda amount: amount == -1),
        ("we_are_deleveraged", lambda amount: 0 <= amount < 1),
    ],
)
def test_the_position_is_another_one_then(stage: Stage, name: str, moved: Callable[[Decimal], bool]) -> None:
    stage.happens(name)
    assert moved(stage.amount)


def test_the_owner_opens_a_position_where_there_was_none() -> None:
    made = empty_stage()
    made.happens("owner_opens")
    assert made.amount != 0


@pytest.mark.parametrize(
    ("name", "letter"),
    [("owner_cancels_stop", "s"), ("owner_cancels_target", "t"), ("owner_cancels_all", "t")],
)
def test_the_owner_cancels_what_guards(stage: Stage, name: str, letter: str) -> None:
    stage.happens(name)
    assert stage.order(letter).status is Status.CANCELED


def test_the_owner_cancels_an_entry_or_moves_it(stage: Stage) -> None:
    orders = stage.house.exchange.floor.orders
    (entry,) = [one for one in orders.open_of_account(MAIN.id) if one.client_order_id == "ut-e-two"]
    before = entry.price
    stage.happens("owner_moves_entry")
    assert entry.price != before
    stage.happens("owner_cancels_entry")
    assert entry.status is Status.CANCELED


def test_orders_by_hand_stand_beside_ours(stage: Stage) -> None:
    before = len(stage.house.exchange.open_orders(MAIN.id))
    stage.happens("owner_guards_himself")
    stage.happens("owner_rests_an_order")
    assert len(stage.house.exchange.open_orders(MAIN.id)) == before + 2


def test_the_mode_is_toggled_when_flat_and_comes_back() -> None:
    made = empty_stage()
    made.happens("owner_toggles_mode")
    assert made.house.exchange.account(MAIN.id).hedge
    made.pass_s(95)
    assert not made.house.exchange.account(MAIN.id).hedge


def test_the_mode_is_not_toggled_under_a_position(stage: Stage) -> None:
    assert not BY_NAME["owner_toggles_mode"].act(stage)


def test_settings_are_changed_by_hand() -> None:
    made = empty_stage()
    owner = made.house.exchange.account(MAIN.id)
    made.happens("owner_changes_margin_type")
    assert owner.is_isolated(SYMBOL)
    made.happens("owner_changes_leverage")
    made.happens("owner_changes_margin_type")
    made.happens("owner_joins_margins")
    assert owner.multi_assets
    made.pass_s(95)
    assert not owner.multi_assets


def test_money_comes_and_goes(stage: Stage) -> None:
    before = stage.wallet
    stage.happens("owner_deposits")
    richer = stage.wallet
    stage.happens("owner_withdraws")
    assert richer > before
    assert stage.wallet < richer
    margin = stage.position.isolated_wallet
    stage.happens("owner_moves_margin")
    assert stage.position.isolated_wallet != margin


# --- the market -------------------------------------------------------------------------------------------------------


def test_a_jump_stays_and_a_crash_recovers(stage: Stage) -> None:
    calm = stage.market.taped.quote(SYMBOL).last
    stage.happens("price_crashes_and_recovers")
    crashed = stage.market.quote(SYMBOL).last
    assert abs(crashed / calm - 1) > Decimal("0.04")
    stage.pass_s(21)
    assert abs(stage.market.pushed(SYMBOL).price - 1) < Decimal("1E-9")
    stage.happens("price_jumps")
    stage.pass_s(30)
    assert abs(stage.market.pushed(SYMBOL).price - 1) > Decimal("0.04")
    stage.happens("price_comes_back")
    assert abs(stage.market.pushed(SYMBOL).price - 1) < Decimal("1E-9")


def test_a_wick_leaves_the_mark_alone_and_the_mark_the_price(stage: Stage) -> None:
    stage.happens("price_wicks")
    push = stage.market.pushed(SYMBOL)
    assert push.price != 1
    assert push.mark == 1
    stage.pass_s(3)
    stage.happens("mark_runs_off")
    push = stage.market.pushed(SYMBOL)
    assert abs(push.price - 1) < Decimal("1E-9") < abs(push.mark - 1)


def test_once_all_is_open_no_wick_keeps_the_mark_from_the_price(stage: Stage) -> None:
    """Seed 3106: a wick that came back twice left them apart for good, and the venue refused each exit (-4131)."""
    stage.happens("price_wicks")
    stage.happens("price_comes_back")
    stage.pass_s(3)
    push = stage.market.pushed(SYMBOL)
    assert push.price != push.mark == 1
    stage.happens("price_wicks")
    all_is_open(stage.house)
    for _ in range(2):
        push = stage.market.pushed(SYMBOL)
        assert push.price == push.mark
        stage.pass_s(3)


def test_a_gap_runs_through_the_stop(stage: Stage) -> None:
    stop = stage.order("s")
    stage.happens("price_gaps_through_stop")
    stage.pass_s(2)
    assert stop.status is Status.FILLED
    assert stop.average_price < stop.stop_price
    assert stage.amount == 0


def test_we_are_called_and_liquidated(stage: Stage) -> None:
    stage.house.exchange.cancel_all(MAIN.id, SYMBOL, stage.house.now_ms)
    stage.happens("margin_is_called")
    stage.pass_s(2)
    assert stage.amount == 1
    stage.happens("we_are_liquidated")
    stage.pass_s(2)
    assert stage.amount == 0
    orders = stage.house.exchange.floor.orders.all.values()
    assert [one.client_order_id[:10] for one in orders if one.liquidates] == ["autoclose-"]


def test_a_thin_book_fills_a_stop_in_parts(stage: Stage) -> None:
    stage.happens("book_thins_out")
    stage.pass_s(1)
    stage.happens("owner_closes")
    fills = [event for event in stage.heard if isinstance(event, OrderEvent) and event.trade_id]
    assert len(fills) > 1


def test_an_entry_fills_in_part(stage: Stage) -> None:
    stage.happens("fills_in_parts")
    orders = stage.house.exchange.floor.orders.open_of_account(MAIN.id)
    (entry,) = [one for one in orders if one.client_order_id == "ut-e-two"]
    assert entry.status is Status.PARTIALLY_FILLED
    assert stage.amount == 1 + entry.filled


def test_funding_is_paid(stage: Stage) -> None:
    before = stage.wallet
    stage.happens("funding_is_due")
    assert stage.wallet != before


def test_a_cascade_moves_the_market_with_every_liquidation(stage: Stage) -> None:
    stage.happens("liquidations_cascade")
    stage.pass_s(13)
    assert sum(isinstance(event, Liquidated) for event in stage.heard) >= 60
    assert abs(stage.market.pushed(SYMBOL).price - 1) > Decimal("0.02")


@pytest.mark.parametrize(
    "name",
    [
        "liquidation_is_nonsense",
        "liquidation_lacks_fields",
        "liquidation_is_a_hundredfold",
        "liquidation_of_a_stranger",
    ],
)
def test_a_liquidation_that_is_none_is_told_to_everybody(stage: Stage, name: str) -> None:
    stage.happens(name)
    (event,) = [one for one in stage.heard if isinstance(one, Liquidated)]
    assert event.payload["e"] == "forceOrder"


# --- the venue --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "symbol_settles",
        "symbol_breaks",
        "symbol_halts",
        "ticks_coarsen",
        "lots_coarsen",
        "least_notional_rises",
        "prices_are_narrowed",
        "leverage_is_lowered",
        "no_more_stops",
        "no_more_orders",
    ],
)
def test_rules_of_a_symbol_change_and_come_back(stage: Stage, name: str) -> None:
    floor, listed = stage.house.exchange.floor, stage.house.market.contract(SYMBOL)
    stage.happens(name)
    assert floor.contract(SYMBOL) != listed
    assert not BY_NAME[name].act(stage)
    stage.pass_s(241)
    assert floor.contract(SYMBOL) == listed


@pytest.mark.parametrize("name", ["one_close_order_only", "close_orders_cleared", "ended_orders_forgotten"])
def test_rules_of_the_venue_change_and_come_back(stage: Stage, name: str) -> None:
    stage.happens(name)
    assert stage.house.exchange.floor.rules != Rules()
    stage.pass_s(181)
    assert stage.house.exchange.floor.rules == Rules()


def test_an_order_ends_without_having_been_asked_to(stage: Stage) -> None:
    before = len(stage.house.exchange.open_orders(MAIN.id))
    stage.happens("order_expires")
    assert len(stage.house.exchange.open_orders(MAIN.id)) == before - 1


@pytest.mark.parametrize(
    ("name", "status"), [("venue_is_maintained", 503), ("address_is_spent", 429)], ids=["maintained", "spent"]
)
def test_doors_close_for_a_while(stage: Stage, name: str, status: int) -> None:
    rest = Rest(stage.house, Doorman(stage.house.accounts), lambda: stage.now_ms)
    stage.happens(name)
    assert rest.handle(Request("GET", "/fapi/v3/time")).status == status
    stage.pass_s(61)
    assert rest.handle(Request("GET", "/fapi/v3/time")).status == 200


def test_a_key_is_refused_for_a_while(stage: Stage) -> None:
    stage.happens("key_is_refused")
    assert stage.house.faults.lasts(Fault.KEY_REFUSED_S, stage.now_ms)
    assert not stage.house.faults.lasts(Fault.KEY_REFUSED_S, stage.now_ms + 90_001)


def test_the_clock_that_requests_are_judged_by_is_off_for_a_while(stage: Stage) -> None:
    rest = Rest(stage.house, Doorman(stage.house.accounts), lambda: stage.now_ms)
    stage.happens("venue_clock_is_off")
    told = f'{{"serverTime":{stage.house.judging_ms}}}'
    assert rest.handle(Request("GET", "/fapi/v3/time")).body.decode() == told
    assert stage.house.judging_ms != stage.house.now_ms
    stage.pass_s(61)
    assert stage.house.judging_ms == stage.house.now_ms
