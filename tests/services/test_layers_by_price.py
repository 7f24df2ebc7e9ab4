"""A layer whose level the price has reached: decided once a minute, on record, and only by settings that still hold."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.services.test_watch_account import entries, holding_a_ladder_by_price
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d, hunter_params
from tests.unit.ladders import LADDER

from undertow.domain.account import Switch
from undertow.domain.decision import Decision, Outcome
from undertow.domain.ids import AccountId
from undertow.domain.market import MarkPrice
from undertow.domain.outcome import VenueReadFailed
from undertow.ports import HunterStrategy
from undertow.risk.limits import HARD_MAX_PARAMS_AGE_MS
from undertow.strategies.ladder.params import LayerTrigger


@pytest.fixture(name="held")
def _held(world: World) -> World:
    return holding_a_ladder_by_price(world)


def look(world: World, price: str = "99600", age_ms: int = 200) -> Decision | None:
    mark = MarkPrice(d(price), world.clock.now_ms() - age_ms)
    return world.desk.watch.layers(ACCOUNT, world.slot, mark)


def change_ladder(world: World, **changes: Any) -> None:
    params = world.params.current()
    strategy = params.strategies[LADDER]
    symbols = {BTC: replace(strategy.symbols[BTC], **changes)}
    world.params.replace(replace(params, strategies={LADDER: replace(strategy, symbols=symbols)}))  # type: ignore[arg-type]


def test_a_layer_by_price_is_on_record_with_its_level_and_the_price_that_reached_it(held: World) -> None:
    ladder = held.slot.ladder
    assert ladder is not None
    taken = look(held)
    assert taken is not None
    shown = {name: taken.inputs[name] for name in ("trigger", "layer", "mark_price")}
    assert shown == {"trigger": "price", "layer": "2", "mark_price": "99600"}
    assert d(taken.inputs["level"]) == ladder.plan.layer(2).price
    assert (taken.outcome, taken.strategy, taken.params_version) == (Outcome.TAKEN, LADDER, "g1/l1")
    assert (taken.event_time_ms, taken.decided_at_ms) == (held.clock.now_ms() - 200, held.clock.now_ms())
    assert taken.client_order_id is not None
    sent = held.order(taken.client_order_id).intent
    assert (sent.layer, sent.ladder, sent.price) == (2, ladder.plan.id, ladder.plan.layer(2).price)
    assert sent.expires_at_ms == held.clock.now_ms() - 200 + 5_000
    assert held.meter.counts["decisions_taken"] == 2
    assert held.meter.observations["signal_to_order"][-1] == 200


def test_a_layer_that_the_gate_refuses_is_on_record_once_a_minute(held: World) -> None:
    held.switch(Switch.PAUSED)
    held.clock.advance(60_000 - held.clock.now_ms() % 60_000)
    first = look(held)
    assert first is not None
    assert (first.outcome, first.gate) == (Outcome.REFUSED, "paused")
    assert held.desk.repositories.decisions.get(ACCOUNT.id, first.id) == first
    assert held.meter.counts["decisions_refused"] == 1
    held.clock.advance(59_999)
    assert look(held) is None
    held.clock.advance(1)
    again = look(held)
    assert again is not None
    assert again.id != first.id


def test_a_price_that_has_not_reached_the_level_is_not_put_on_record(held: World) -> None:
    before = held.desk.repositories.decisions.recent(ACCOUNT.id, 0, held.clock.now_ms(), 100)
    assert look(held, "99900") is None
    assert held.desk.repositories.decisions.recent(ACCOUNT.id, 0, held.clock.now_ms(), 100) == before


@pytest.mark.parametrize(("age_ms", "decided"), [(-1_001, False), (-1_000, True), (2_000, True), (2_001, False)])
def test_only_a_price_of_now_adds_a_layer(held: World, age_ms: int, decided: bool) -> None:
    assert (look(held, age_ms=age_ms) is not None) is decided


def _without_strategy(world: World) -> None:
    world.params.replace(replace(world.params.current(), strategies={}))


def _of_another_kind(world: World) -> None:
    hunter = HunterStrategy(LADDER, ACCOUNT.id, True, {BTC: hunter_params()}, "h1")
    world.params.replace(replace(world.params.current(), strategies={LADDER: hunter}))


def _on_another_account(world: World) -> None:
    params = world.params.current()
    moved = replace(params.strategies[LADDER], account=AccountId("second"))
    world.params.replace(replace(params, strategies={LADDER: moved}))


def _without_symbol(world: World) -> None:
    params = world.params.current()
    emptied = replace(params.strategies[LADDER], symbols={})
    world.params.replace(replace(params, strategies={LADDER: emptied}))


def _switched_off(world: World) -> None:
    params = world.params.current()
    world.params.replace(replace(params, strategies={LADDER: replace(params.strategies[LADDER], enabled=False)}))


def _read_long_ago(world: World) -> None:
    read_at_ms = world.clock.now_ms() - HARD_MAX_PARAMS_AGE_MS - 1
    world.params.replace(replace(world.params.current(), read_at_ms=read_at_ms))


@pytest.mark.parametrize(
    "change",
    [
        _without_strategy,
        _of_another_kind,
        _on_another_account,
        _without_symbol,
        _switched_off,
        _read_long_ago,
        lambda world: change_ladder(world, layer_trigger=LayerTrigger.LIQUIDATION_AND_PRICE),
        lambda world: change_ladder(world, enabled=False),
    ],
)
def test_a_ladder_whose_settings_do_not_hold_any_more_gets_no_layer(
    held: World, change: Callable[[World], None]
) -> None:
    change(held)
    assert look(held) is None
    assert entries(held) == [1]


def test_parameters_that_are_as_old_as_they_may_be_add_a_layer(held: World) -> None:
    held.params.replace(replace(held.params.current(), read_at_ms=held.clock.now_ms() - HARD_MAX_PARAMS_AGE_MS))
    assert look(held) is not None


@pytest.mark.parametrize("missing", ["ladder", "position"])
def test_a_side_without_a_ladder_or_a_position_gets_no_layer(held: World, missing: str) -> None:
    slot = replace(held.slot, **{missing: None})  # type: ignore[arg-type]
    mark = MarkPrice(d("99600"), held.clock.now_ms())
    assert held.desk.watch.layers(ACCOUNT, slot, mark) is None


def test_a_slot_that_moved_on_since_it_was_read_gets_no_layer(held: World) -> None:
    read = held.slot
    mark = MarkPrice(d("99600"), held.clock.now_ms())
    moved = read.with_frozen_ladder(held.clock.now_ms())
    held.store.slots[ACCOUNT.id, BTC, read.side] = moved
    assert held.desk.watch.layers(ACCOUNT, read, mark) is None
    held.store.slots[ACCOUNT.id, BTC, read.side] = replace(read, position=None, ladder=None)
    assert held.desk.watch.layers(ACCOUNT, read, mark) is None
    assert entries(held) == [1]


def test_a_symbol_that_cannot_be_made_ready_is_on_record_with_its_reason(held: World) -> None:
    held.store.readinesses[ACCOUNT.id].clear()
    held.venue.read_failure = VenueReadFailed("time-out")
    refused = look(held)
    assert refused is not None
    assert (refused.gate, refused.inputs["mark_price"]) == ("readiness", "99600")
    assert refused.position_side is held.slot.side


def test_an_account_of_a_venue_whose_rules_are_not_known_gets_no_layer(held: World) -> None:
    class NoRules:
        def get(self, *_asked: object) -> None:
            return None

    add_layers = replace(held.desk.watch.layers, instruments=NoRules())
    assert add_layers(ACCOUNT, held.slot, MarkPrice(d("99600"), held.clock.now_ms())) is None
