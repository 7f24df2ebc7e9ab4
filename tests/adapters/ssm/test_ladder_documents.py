"""A ladder's file becomes what the ladder decides by, and says what in it is probably not meant."""

import copy
import json
from decimal import Decimal
from typing import Any

import pytest

from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm import globals_file as globals_module
from undertow.adapters.ssm import strategy_file as strategy_module
from undertow.adapters.ssm.ladder_settings import INTERVALS_S, LadderSettings
from undertow.adapters.ssm.layout import Paths
from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.account import MarginType
from undertow.domain.conditions import CascadeFormula
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.ladder import StopAnchor
from undertow.domain.order import TimeInForce, WorkingType
from undertow.ports import BadDocument, LadderStrategy
from undertow.risk.limits import SymbolLimits
from undertow.risk.protection import AdaptiveDistances, Trailing
from undertow.strategies.ladder.params import (
    LadderParams,
    LayerTrigger,
    PercentileTrigger,
    Shape,
    VwapFilter,
)
from undertow.strategies.signal import Direction, OppositePolicy, TradeSide

LADDER: dict[str, Any] = {
    "id": "ladder",
    "kind": "ladder",
    "account": "main",
    "base": {"leverage": 10, "max_position_margin_usdt": "100", "max_position_notional_usdt": "1000"},
    "symbols": {"BTCUSDT": {}, "ETHUSDT": {}},
}


@pytest.fixture
def ladder() -> dict[str, Any]:
    return copy.deepcopy(LADDER)


def params(document: dict[str, Any], symbol: str = "BTCUSDT", simulate: bool = False) -> LadderParams:
    strategy = strategy_module.to_domain(strategy_module.parse(json.dumps(document)), 7, simulate)
    assert isinstance(strategy, LadderStrategy)
    return strategy.symbols[Symbol(symbol)]


def warnings(document: dict[str, Any], globals_file: dict[str, Any]) -> str:
    current = globals_module.to_domain(globals_module.parse(json.dumps(globals_file)), 1)
    return "\n".join(strategy_module.warnings(strategy_module.parse(json.dumps(document)), current))


def test_a_ladder_without_settings_of_its_own_has_the_defaults_that_ladders_are_known_by(
    ladder: dict[str, Any],
) -> None:
    found = params(ladder)
    assert found.trigger == PercentileTrigger(Decimal(50), 200)
    assert (found.cascade_formula, found.vwap, found.atr_interval_s) == (CascadeFormula.MAGNITUDE, None, 300)
    assert (found.cooldown_s, found.layer_delay_s, found.order_ttl_s) == (60, 30, 30)
    assert found.shape == Shape()
    assert (found.shape.layer1_size_pct, found.shape.first_step_pct) == (Decimal("0.1"), Decimal("0.4"))
    assert (found.layer_trigger, found.anchor) == (
        LayerTrigger.LIQUIDATION_AND_PRICE,
        StopAnchor.SIGNAL,
    )
    assert (found.opposite, found.margin_type) == (
        OppositePolicy.HEDGE,
        MarginType.ISOLATED,
    )
    assert found.protection.adaptive == AdaptiveDistances()
    assert (found.protection.take_profit_pct, found.protection.stop_loss_pct) == (1, 2)
    assert (found.protection.trailing, found.protection.min_reward_risk) == (Trailing(), 0)


def test_every_setting_reaches_the_ladder(ladder: dict[str, Any]) -> None:
    everything = {
        "enabled": False,
        "simulate_only": True,
        "percentile_threshold": "75.5",
        "min_history": 20,
        "cascade_formula": "legacy",
        "vwap_filter": True,
        "vwap_minutes": 60,
        "vwap_buffer_pct": "0.1",
        "cooldown_sec": 11,
        "margin_pct": 20,
        "layer1_size_pct": 2,
        "first_step_pct": "0.3",
        "spacing_power": "1.5",
        "size_growth": 2,
        "max_layers": 3,
        "atr_interval": "15m",
        "reference_atr_pct": "0.8",
        "max_upsize": 3,
        "min_gap_pct": "0.2",
        "liquidation_buffer_pct": 25,
        "layer_trigger": "price",
        "layer_delay_sec": 12,
        "max_total_deviation_pct": "0.7",
        "protection": "adaptive",
        "stop_anchor": "average",
        "stop_loss_pct": 3,
        "take_profit_pct": 4,
        "stop_loss_atr": "2.5",
        "stop_loss_min_pct": "1.1",
        "stop_loss_max_pct": "5.5",
        "take_profit_atr": "1.6",
        "take_profit_min_pct": "0.6",
        "take_profit_max_pct": "4.5",
        "min_reward_risk": "0.4",
        "trailing_stop": True,
        "break_even_at_pct": 40,
        "trailing_distance_pct": "0.8",
        "direction": "follow",
        "trade_side": "short",
        "opposite_signal": "reduce",
        "leverage": 4,
        "margin_type": "cross",
        "max_position_margin_usdt": 77,
        "max_position_notional_usdt": 88,
        "max_open_orders_per_symbol": 2,
        "price_offset_pct": "0.2",
        "time_in_force": "GTX",
        "order_ttl_seconds": 45,
        "working_type": "MARK_PRICE",
        "price_protect": True,
    }
    assert set(everything) == set(LadderSettings.model_fields), "a new setting is tested here too"
    ladder["symbols"]["BTCUSDT"] = everything
    found = params(ladder)
    assert found == LadderParams(
        enabled=False,
        simulate=True,
        trigger=PercentileTrigger(Decimal("75.5"), 20),
        cascade_formula=CascadeFormula.LEGACY,
        vwap=VwapFilter(60, Decimal("0.1")),
        atr_interval_s=900,
        cooldown_s=11,
        layer_delay_s=12,
        direction=Direction.FOLLOW,
        trade_side=TradeSide.SHORT,
        opposite=OppositePolicy.REDUCE,
        leverage=4,
        margin_type=MarginType.CROSS,
        shape=Shape(
            margin_pct=Decimal(20),
            layer1_size_pct=Decimal(2),
            first_step_pct=Decimal("0.3"),
            spacing_power=Decimal("1.5"),
            growth=Decimal(2),
            max_layers=3,
            reference_atr_pct=Decimal("0.8"),
            max_upsize=Decimal(3),
            min_gap_pct=Decimal("0.2"),
            liquidation_buffer_pct=Decimal(25),
        ),
        layer_trigger=LayerTrigger.PRICE,
        anchor=StopAnchor.AVERAGE,
        max_total_deviation_pct=Decimal("0.7"),
        time_in_force=TimeInForce.GTX,
        price_offset_pct=Decimal("0.2"),
        order_ttl_s=45,
        limits=SymbolLimits(Decimal(77), Decimal(88), 2),
        protection=found.protection,
    )
    protection = found.protection
    assert (protection.stop_loss_pct, protection.take_profit_pct, protection.min_reward_risk) == (3, 4, Decimal("0.4"))
    assert (protection.working_type, protection.price_protect) == (WorkingType.MARK_PRICE, True)
    assert protection.trailing == Trailing(Decimal(40), Decimal("0.8"))
    assert protection.adaptive == AdaptiveDistances(
        Decimal("2.5"), Decimal("1.1"), Decimal("5.5"), Decimal("1.6"), Decimal("0.6"), Decimal("4.5"), interval_s=900
    )


def test_a_symbol_is_as_the_base_but_for_its_own_settings(ladder: dict[str, Any]) -> None:
    ladder["base"]["max_layers"] = 4
    ladder["symbols"]["ETHUSDT"] = {"max_layers": 2, "cascade_formula": "off", "protection": "percent"}
    assert params(ladder).shape.max_layers == 4
    eth = params(ladder, "ETHUSDT")
    assert (eth.shape.max_layers, eth.cascade_formula, eth.protection.adaptive) == (2, None, None)
    assert params(ladder, simulate=True).simulate


@pytest.mark.parametrize(("name", "seconds"), INTERVALS_S.items())
def test_an_interval_is_written_as_venues_write_it(ladder: dict[str, Any], name: str, seconds: int) -> None:
    ladder["base"]["atr_interval"] = name
    found = params(ladder)
    assert found.atr_interval_s == seconds
    assert found.protection.adaptive is not None
    assert found.protection.adaptive.interval_s == seconds


def test_a_setting_of_the_hunter_is_unknown_to_the_ladder(ladder: dict[str, Any]) -> None:
    ladder["base"]["volume_window_sec"] = 60
    with pytest.raises(BadDocument, match=r"base\.volume_window_sec: there is no such field"):
        strategy_module.parse(json.dumps(ladder))


# --- one setting in older files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "missing"), [("layer1_size_pct", "first_step_pct"), ("first_step_pct", "layer1_size_pct")]
)
@pytest.mark.parametrize("place", ["base", "BTCUSDT"])
def test_a_file_that_gives_one_of_size_and_first_step_has_it_taken_for_both_with_a_warning(
    ladder: dict[str, Any], globals_file: dict[str, Any], given: str, missing: str, place: str
) -> None:
    target = ladder["base"] if place == "base" else ladder["symbols"]["BTCUSDT"]
    target[given] = "0.2"
    found = params(ladder)
    assert (found.shape.layer1_size_pct, found.shape.first_step_pct) == (Decimal("0.2"), Decimal("0.2"))
    assert f"{place}: {missing} is not given and takes the value of {given}" in warnings(ladder, globals_file)
    untouched = params(ladder, "ETHUSDT").shape
    assert (untouched.first_step_pct == Decimal("0.4")) == (place == "BTCUSDT")


def test_what_was_taken_for_both_is_stored_as_both_and_is_not_warned_about_again(
    ladder: dict[str, Any], globals_file: dict[str, Any]
) -> None:
    ladder["base"]["first_step_pct"] = "0.2"
    stored = strategy_module.parse(json.dumps(ladder)).text
    assert json.loads(stored)["base"]["layer1_size_pct"] == "0.2"
    assert "older files" not in warnings(json.loads(stored), globals_file)


def test_a_symbol_that_gives_one_of_the_two_takes_the_other_from_the_base(
    ladder: dict[str, Any], globals_file: dict[str, Any]
) -> None:
    ladder["base"] |= {"layer1_size_pct": "0.3", "first_step_pct": "0.15"}
    ladder["symbols"]["BTCUSDT"] = {"first_step_pct": "0.2"}
    shape = params(ladder).shape
    assert (shape.layer1_size_pct, shape.first_step_pct) == (Decimal("0.3"), Decimal("0.2"))
    assert "older files" not in warnings(ladder, globals_file)


# --- unwise ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "4 of 5 layers lie before the stop, which is 2 % away at an ATR of 1 %; layer 5 would be 2.11 % away"),
        ({"protection": "percent", "stop_loss_pct": 1}, "2 of 5 layers lie before the stop, which is 1 % away"),
        ({"max_layers": 10, "first_step_pct": "0.1", "layer1_size_pct": 1}, "445 times the first layer"),
        ({"leverage": 20}, "a stop at 5 % with leverage 20 lies beyond the price at which the venue liquidates"),
        ({"take_profit_min_pct": "0.08"}, "a target at 0.08 % does not earn the fees of 0.08 %"),
        ({"cascade_formula": "off"}, "cascade_formula is off"),
        ({"min_reward_risk": 1}, "a target at 1.5 % promises 0.65 for each unit that a stop at 2 % risks"),
        ({"leverage": 21}, "leverage 21 is above the account's max_leverage 20: every entry will be refused"),
    ],
)
def test_what_is_admissible_and_probably_not_meant_is_warned_about(
    ladder: dict[str, Any], globals_file: dict[str, Any], settings: dict[str, Any], told: str
) -> None:
    ladder["base"] |= settings
    assert told in warnings(ladder, globals_file)


def test_a_doubt_about_many_symbols_is_told_once(ladder: dict[str, Any], globals_file: dict[str, Any]) -> None:
    ladder["symbols"] = {f"COIN{number}USDT": {} for number in range(30)}
    ladder["base"]["cascade_formula"] = "off"
    lines = [line for line in warnings(ladder, globals_file).splitlines() if "cascade_formula" in line]
    assert lines == [
        "COIN0USDT and 29 more: cascade_formula is off: it enters while the whole market is being liquidated"
    ]


def test_what_the_account_does_not_admit_is_warned_about(ladder: dict[str, Any], globals_file: dict[str, Any]) -> None:
    globals_file["accounts"]["main"] |= {"hedge_mode": False, "risk": {"allowed_symbols": ["ETHUSDT"]}}
    told = warnings(ladder, globals_file)
    assert "BTCUSDT, ETHUSDT: opposite_signal is hedge, but the account holds one side" in told
    assert "BTCUSDT: it is not among the account's allowed_symbols: every entry will be refused" in told


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("1", "promises 0.78 for each unit that a stop at 1 % risks, net of fees, less than min_reward_risk 1.5"),
        ("1.8", "promises 1.46 for each unit that a stop at 1 % risks"),
        ("2", ""),
    ],
)
def test_a_hunter_whose_target_promises_too_little_is_warned_about(
    strategy_file: dict[str, Any], globals_file: dict[str, Any], target: str, told: str
) -> None:
    strategy_file["base"]["take_profit_pct"] = target
    found = warnings(strategy_file, globals_file)
    assert told in found
    assert bool(told) == ("min_reward_risk" in found)


# --- the account's risk limits --------------------------------------------------------------------------------------


def test_an_old_globals_document_has_the_usual_risk_limits(globals_file: dict[str, Any]) -> None:
    assert "risk" not in globals_file["accounts"]["main"]
    file = globals_module.parse(json.dumps(globals_file))
    risk = globals_module.to_domain(file, 1).limits[AccountId("main")].risk
    assert (risk.max_portfolio_risk_pct, risk.max_effective_leverage, risk.min_confidence) == (Decimal("14.5"), 10, 60)
    assert (risk.allowed_symbols, risk.max_daily_loss_pct, risk.max_drawdown_pct) == (None, 5, 20)
    assert json.loads(globals_module.canonical(file)) == globals_file


def test_risk_limits_that_are_given_hold(globals_file: dict[str, Any]) -> None:
    globals_file["accounts"]["main"]["risk"] = {
        "max_portfolio_risk_pct": 20,
        "allowed_symbols": [],
        "max_daily_loss_pct": None,
        "max_drawdown_pct": "12.5",
    }
    file = globals_module.parse(json.dumps(globals_file))
    risk = globals_module.to_domain(file, 1).limits[AccountId("main")].risk
    assert (risk.max_portfolio_risk_pct, risk.max_daily_loss_pct, risk.max_drawdown_pct) == (20, None, Decimal("12.5"))
    assert risk.allowed_symbols == frozenset(), "an empty list admits nothing"


# --- stored and read back -------------------------------------------------------------------------------------------


def test_a_ladder_and_a_hunter_lie_beside_each_other(
    ladder: dict[str, Any], strategy_file: dict[str, Any], globals_file: dict[str, Any]
) -> None:
    documents = SsmDocuments(MemoryParameters(), Paths("/undertow/test"))
    documents.store_globals(json.dumps(globals_file), expected=0)
    for document in (ladder, strategy_file):
        documents.store_strategy(json.dumps(document), expected=0)
    assert [(found.name, json.loads(found.text)["kind"]) for found in documents.strategies()] == [
        ("hunter", "hunter"),
        ("ladder", "ladder"),
    ]
    ladder["symbols"]["SOLUSDT"] = {"max_layers": 20}
    changed = documents.store_strategy(json.dumps(ladder), expected=1)
    assert (changed.version, documents.latest_version(StrategyId("ladder"))) == (2, 2)
