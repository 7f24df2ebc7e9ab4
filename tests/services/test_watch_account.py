"""An account with fresh prices, through the services, over memory: margin, losses, trailing stops, layers by price."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.services.world import ACCOUNT, World, parameters
from tests.unit.builders import BTC, d, protection
from tests.unit.ladders import LADDER, ladder_params

from undertow.domain.account import Balance, Switch
from undertow.domain.conditions import Atr, Conditions, PercentileRank
from undertow.domain.event import Ticks
from undertow.domain.guard import AccountGuard, BlockKind
from undertow.domain.instrument import LeverageBracket
from undertow.domain.market import MarkPrice
from undertow.domain.order import Purpose
from undertow.ports import LadderStrategy
from undertow.risk.protection import Trailing
from undertow.strategies.ladder.params import LayerTrigger


@pytest.fixture(name="held")
def _held(world: World) -> World:
    return holding_a_ladder_by_price(world)


def holding_a_ladder_by_price(world: World) -> World:
    """A ladder by price on BTC whose first layer, 0.001 BTC at 100,009.9, is open; target 1 %, stop frozen at 2 %."""
    settings = ladder_params(
        {"layer1_size_pct": d("2"), "first_step_pct": d("0.3")},
        cascade_formula=None,
        layer_delay_s=5,
        layer_trigger=LayerTrigger.PRICE,
        protection=protection(stop_loss_pct=d("2"), take_profit_pct=d("1"), trailing=Trailing(d("50"), d("0.3"))),
    )
    strategy = LadderStrategy(LADDER, ACCOUNT.id, True, {BTC: settings}, "l1")
    world.params.parameters = replace(parameters(), strategies={LADDER: strategy})
    moment = world.clock.now_ms()
    batch = world.liquidation_batch(bid="100000", ask="100010")
    measured = replace(batch.liquidations[0], percentile=PercentileRank(d("90"), 500, d("10"), complete=True))
    conditions = Conditions({300: Atr(d("0.5"), d("0.5"), 300, moment - 1_000)}, {}, {}, {}, None)
    mark = MarkPrice(d("100000"), moment - 100)
    (decision,) = world.desk.evaluate(replace(batch, liquidations=(measured,), conditions=conditions, mark=mark))
    assert decision.client_order_id is not None, decision
    intent = world.order(decision.client_order_id).intent
    assert intent.quantity is not None
    assert intent.price is not None
    world.desk.track(ACCOUNT, world.venue.fill(intent.client_order_id, intent.quantity, intent.price))
    read_balance(world)
    world.clock.advance(6_000)
    return world


def read_balance(world: World, wallet: str = "10000", maintenance: str | None = "0", unrealized: str = "0") -> None:
    wanted = d(maintenance) if maintenance is not None else None
    now_ms = world.clock.now_ms()
    equity = d(wallet) + d(unrealized)
    balance = Balance(ACCOUNT.id, d(wallet), equity, d(unrealized), now_ms, d("0"), wanted)
    world.desk.repositories.balances.save(balance)


def watch(world: World, price: str | None = "100000") -> None:
    now_ms = world.clock.now_ms()
    marks = {} if price is None else {BTC: MarkPrice(d(price), now_ms - 200)}
    world.desk.watch(ACCOUNT, Ticks(ACCOUNT.venue, ACCOUNT.id, now_ms - 100, marks))


def later(world: World, milliseconds: int = 10_000, **balance: Any) -> None:
    world.clock.advance(milliseconds)
    read_balance(world, **balance)


def guard(world: World) -> AccountGuard:
    return world.desk.repositories.guards.get(ACCOUNT.id)


def exits(world: World) -> list[Decimal | None]:
    return [one.intent.quantity for one in world.venue.submitted if one.intent.purpose is Purpose.EXIT]


def entries(world: World) -> list[int]:
    return [one.intent.layer for one in world.venue.submitted if one.intent.purpose is Purpose.ENTRY]


def risk(world: World) -> Decimal:
    return world.desk.repositories.ledger.totals(ACCOUNT.id).risk


# --- what the account can bear --------------------------------------------------------------------------------------


def test_margin_usage_pauses_at_its_threshold_and_resumes_only_below_the_lower_one(world: World) -> None:
    read_balance(world, maintenance="8000")
    watch(world)
    assert set(guard(world).blocks) == {BlockKind.MARGIN_USAGE}
    later(world, maintenance="7500")
    watch(world)
    assert set(guard(world).blocks) == {BlockKind.MARGIN_USAGE}
    later(world, maintenance="6900")
    watch(world)
    assert guard(world).blocks == {}
    assert world.alerts == ["blocked#main#margin_usage"]
    assert [key for key, _ in world.notifier.ended] == ["blocked#main#margin_usage"]


def test_unrealized_losses_of_now_count_before_the_balance_is_read_again(held: World) -> None:
    read_balance(held, wallet="13", maintenance="9.9")
    held.clock.advance(1_000)
    watch(held, None)
    watch(held, "99400")  # 0.001 BTC from 100,009.9: 0.61 lost, 9.9 of 12.39 is 79.9 %
    assert guard(held).blocks == {}
    watch(held, "99300")  # 0.71 lost: 9.9 of 12.29 is 80.6 %, and 5.5 % of the day's start are gone
    assert guard(held).blocks.keys() == {BlockKind.MARGIN_USAGE, BlockKind.DAILY_LOSS}


def test_a_stale_balance_concludes_nothing(world: World) -> None:
    before = guard(world)
    read_balance(world, maintenance="8000")
    world.clock.advance(150_001)
    watch(world)
    assert guard(world) == before
    assert world.alerts == []


def test_an_emergency_reduces_once_until_a_newer_balance_says_otherwise(held: World) -> None:
    # The tier asks 0.5 % of 100 USDT: closing 0.001 BTC frees half a USDT of margin.
    later(held, wallet="2", maintenance="1.9")
    watch(held)
    assert len(exits(held)) == 1
    for _ in range(20):
        held.clock.advance(5_000)
        watch(held)
    assert len(exits(held)) == 1
    assert held.alerts.count("blocked#main#emergency") == 1


def test_a_part_of_the_position_is_closed_where_a_part_is_enough(held: World) -> None:
    known = held.desk.repositories.instruments.get(ACCOUNT.venue, BTC)
    assert known is not None
    steep = replace(known, brackets=(LeverageBracket(1, 50, d("0"), d("50000"), d("0.05"), d("0")),))
    held.desk.repositories.instruments.save([steep])
    watch(held, "99600")
    (second,) = held.venue.of_purpose("e")
    held.desk.track(ACCOUNT, held.venue.fill(second.client_order_id, second.quantity, second.price))
    assert held.position.quantity > d("0.001")
    later(held, wallet="11", maintenance="11")  # each 0.001 BTC consumes 5 USDT of margin
    watch(held)
    assert exits(held) == [d("0.001")]


def test_the_minute_pass_monitors_without_prices(held: World) -> None:
    later(held, wallet="2", maintenance="1.9")
    held.desk.manage(ACCOUNT)
    assert BlockKind.EMERGENCY in guard(held).blocks
    assert len(exits(held)) == 1


def test_a_loss_of_the_day_stops_entries_until_the_next_day(held: World) -> None:
    watch(held)
    later(held, wallet="9400")
    watch(held, "99600")
    assert set(guard(held).blocks) == {BlockKind.DAILY_LOSS}
    assert entries(held) == [1]
    day_ms = 24 * 3_600_000
    later(held, day_ms - held.clock.now_ms() % day_ms, wallet="9400")
    watch(held)
    assert guard(held).blocks == {}


# --- trailing -------------------------------------------------------------------------------------------------------


def test_the_stop_goes_to_break_even_then_follows_and_never_loosens(held: World) -> None:
    frozen = held.position.stop_price
    watch(held, "100400")
    assert held.position.stop_price == frozen
    watch(held, "100520")
    first = held.position.stop_price
    assert first is not None
    assert first > d("100000")
    watch(held, "100900")
    followed = held.position.stop_price
    assert followed == d("100597.3")
    watch(held, "100700")
    watch(held, "100610")
    assert held.position.stop_price == followed
    (standing,) = held.venue.of_purpose("s")
    assert standing.stop_price == followed


def test_a_stop_beyond_the_next_level_freezes_the_ladder_and_releases_its_reserve_once(held: World) -> None:
    before = risk(held)
    ladder = held.slot.ladder
    assert ladder is not None
    unclaimed = ladder.unclaimed_risk
    assert unclaimed > 0
    watch(held, "100600")
    assert held.slot.ladder is not None
    assert held.slot.ladder.frozen_at_ms == held.clock.now_ms()
    assert risk(held) == before - unclaimed
    watch(held, "100900")
    assert risk(held) == before - unclaimed
    watch(held, "99600")
    assert entries(held) == [1]


def test_a_layer_under_way_is_cancelled_when_the_stop_overtakes_it(held: World) -> None:
    watch(held, "99600")
    (pending,) = held.venue.of_purpose("e")
    watch(held, "100600")
    assert pending.client_order_id in held.venue.canceled
    assert held.venue.of_purpose("e") == []


# --- layers by price ------------------------------------------------------------------------------------------------


def test_a_layer_is_placed_once_when_the_price_reaches_its_level(held: World) -> None:
    reserved = risk(held)
    watch(held, "99900")
    assert entries(held) == [1]
    for _ in range(30):
        watch(held, "99600")
        later(held, 5_000)
    assert entries(held) == [1, 2]
    assert risk(held) == reserved


def test_the_next_level_follows_once_the_layer_before_has_filled(held: World) -> None:
    watch(held, "99600")
    (second,) = held.venue.of_purpose("e")
    held.desk.track(ACCOUNT, held.venue.fill(second.client_order_id, second.quantity, second.price))
    watch(held, "99100")
    assert entries(held) == [1, 2]
    later(held)
    watch(held, "99100")
    assert entries(held) == [1, 2, 3]


@pytest.mark.parametrize("switch", [Switch.PAUSED, Switch.CLOSE_ONLY])
def test_an_account_that_is_switched_off_adds_no_layer_and_goes_on_trailing(held: World, switch: Switch) -> None:
    held.switch(switch)
    watch(held, "99600")
    assert entries(held) == [1]
    watch(held, "100600")
    assert held.position.trailed_stop is not None


def test_a_price_that_is_too_old_to_trade_on_adds_no_layer(held: World) -> None:
    now_ms = held.clock.now_ms()
    marks = {BTC: MarkPrice(d("99600"), now_ms - 2_001)}
    held.desk.watch(ACCOUNT, Ticks(ACCOUNT.venue, ACCOUNT.id, now_ms, marks))
    assert entries(held) == [1]
