"""Which changes of settings let more be lost: a table."""

from decimal import Decimal
from typing import Any

import pytest

from undertow.risk.increases import Increase, globals_increases, strategy_increases

BASE: dict[str, Any] = {
    "enabled": True,
    "simulate_only": False,
    "leverage": 10,
    "trade_value_usdt": Decimal(100),
    "stop_loss_pct": Decimal(1),
    "take_profit_pct": Decimal(2),
    "cooldown_sec": 30,
    "min_reward_risk": Decimal("1.5"),
    "trailing_stop": True,
    "trade_side": "long",
    "opposite_signal": "ignore",
    "margin_type": "isolated",
    "volume_upper_bound_long": Decimal(50_000),
    "volume_threshold_long": Decimal(10_000),
    "cascade_formula": "magnitude",
    "protection": "adaptive",
}
ACCOUNT: dict[str, Any] = {
    "mode": "live",
    "limits": {"max_positions": 5, "max_leverage": 20},
    "risk": {
        "max_daily_loss_pct": Decimal(5),
        "allowed_symbols": ["BTCUSDT", "ETHUSDT"],
        "stop_buffer_pct": Decimal(15),
    },
}
GLOBALS: dict[str, Any] = {
    "accounts": {"main": ACCOUNT},
    "simulate_only": False,
    "unprotected_close_s": 15,
    "external_positions": {"policy": "protect", "stop_loss_pct": Decimal(1)},
    "extra_symbols": [],
    "alerts": {
        "routes": {"phone": {"kind": "telegram", "levels": ["critical", "high"]}},
        "dead_man": True,
        "critical_again_min": 5,
    },
}


def strategy(changes: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"account": "main", "enabled": True, "symbols": {"BTCUSDT": {**BASE, **(changes or {})}}, **fields}


@pytest.mark.parametrize(
    ("setting", "after"),
    [
        ("leverage", 11),
        ("trade_value_usdt", Decimal("100.01")),
        ("stop_loss_pct", Decimal(2)),
        ("cooldown_sec", 29),
        ("min_reward_risk", Decimal(1)),
        ("trailing_stop", False),
        ("trade_side", "both"),
        ("opposite_signal", "hedge"),
        ("margin_type", "cross"),
        ("volume_upper_bound_long", Decimal(60_000)),
        ("volume_upper_bound_long", None),
        ("cascade_formula", "off"),
        ("protection", "percent"),
    ],
)
def test_this_lets_more_be_lost(setting: str, after: object) -> None:
    (increase,) = strategy_increases(strategy(), strategy({setting: after}))
    assert increase.field == f"symbols.BTCUSDT.{setting}"
    back = strategy_increases(strategy({setting: after}), strategy())
    assert (back == ()) is (setting != "protection")


@pytest.mark.parametrize(
    ("setting", "after"),
    [
        ("leverage", 9),
        ("trade_side", "short"),
        ("opposite_signal", "reduce"),
        ("cascade_formula", "legacy"),
        ("take_profit_pct", Decimal(9)),
        ("volume_threshold_long", Decimal(1)),
    ],
)
def test_this_does_not(setting: str, after: object) -> None:
    assert strategy_increases(strategy(), strategy({setting: after})) == ()


def test_before_and_after_are_texts_for_people() -> None:
    changes = {
        "leverage": 20,
        "trailing_stop": False,
        "volume_upper_bound_long": None,
        "trade_value_usdt": Decimal("1E+3"),
    }
    assert set(strategy_increases(strategy(), strategy(changes))) == {
        Increase("symbols.BTCUSDT.leverage", "10", "20"),
        Increase("symbols.BTCUSDT.trade_value_usdt", "100", "1000"),
        Increase("symbols.BTCUSDT.trailing_stop", "true", "false"),
        Increase("symbols.BTCUSDT.volume_upper_bound_long", "50000", "no bound"),
    }


def test_a_setting_that_nobody_thought_about_counts() -> None:
    assert strategy_increases(strategy({"novelty": 1}), strategy({"novelty": 2})) != ()


# --- what begins to trade -------------------------------------------------------------------------------------------


def test_a_new_strategy_begins_to_trade_its_symbols() -> None:
    assert strategy_increases(None, strategy()) == (Increase("symbols.BTCUSDT", "does not trade", "trades"),)


@pytest.mark.parametrize("idle", [{"enabled": False}, {"simulate_only": True}])
def test_a_symbol_that_is_switched_on_begins_to_trade_and_one_that_is_switched_off_risks_nothing(
    idle: dict[str, Any],
) -> None:
    begun = Increase("symbols.BTCUSDT", "does not trade", "trades")
    assert strategy_increases(strategy(idle), strategy()) == (begun,)
    assert strategy_increases(strategy(), strategy({**idle, "leverage": 50})) == ()


def test_a_strategy_that_is_switched_on_begins_to_trade() -> None:
    assert strategy_increases(strategy(enabled=False), strategy()) != ()
    assert strategy_increases(strategy(), strategy({"leverage": 50}, enabled=False)) == ()


def test_a_symbol_that_is_taken_out_risks_nothing() -> None:
    assert strategy_increases(strategy(), strategy(symbols={})) == ()


def test_another_account_is_another_risk() -> None:
    assert strategy_increases(strategy(), strategy(account="second")) == (Increase("account", "main", "second"),)


# --- the stage and its accounts -------------------------------------------------------------------------------------


def changed(path: str, value: object) -> dict[str, Any]:
    *way, last = path.split(".")
    found: dict[str, Any] = _copy(GLOBALS)
    place = found
    for name in way:
        place = place[name]
    place[last] = value
    return found


def _copy(value: Any) -> Any:
    return {name: _copy(inner) for name, inner in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("accounts.main.limits.max_leverage", 21),
        ("accounts.main.limits.max_positions", 6),
        ("accounts.main.limits.max_positions", 0),
        ("accounts.main.risk.max_daily_loss_pct", Decimal(6)),
        ("accounts.main.risk.max_daily_loss_pct", None),
        ("accounts.main.risk.allowed_symbols", ["BTCUSDT", "ETHUSDT", "SOLUSDT"]),
        ("accounts.main.risk.allowed_symbols", None),
        ("accounts.main.risk.stop_buffer_pct", Decimal(14)),
        ("unprotected_close_s", 16),
        ("external_positions.policy", "watch"),
        ("external_positions.stop_loss_pct", Decimal(2)),
        ("alerts.dead_man", False),
        ("alerts.critical_again_min", 6),
    ],
)
def test_a_guard_that_is_loosened_is_named_and_one_that_is_tightened_is_not(path: str, value: object) -> None:
    assert [one.field for one in globals_increases(GLOBALS, changed(path, value))] == [path]
    assert globals_increases(changed(path, value), GLOBALS) == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("accounts.main.risk.allowed_symbols", []),
        ("simulate_only", True),
        ("extra_symbols", ["XUSDT"]),
    ],
)
def test_what_trades_less_or_only_looks_risks_nothing(path: str, value: object) -> None:
    assert globals_increases(GLOBALS, changed(path, value)) == ()


def test_an_account_or_a_stage_that_goes_live_is_named() -> None:
    simulating = changed("accounts.main.mode", "simulate")
    assert globals_increases(simulating, GLOBALS) == (Increase("accounts.main.mode", "simulate", "live"),)
    assert globals_increases(changed("simulate_only", True), GLOBALS) == (Increase("simulate_only", "true", "false"),)


def test_a_new_account_is_named() -> None:
    two = changed("accounts.second", ACCOUNT)
    assert globals_increases(GLOBALS, two) == (Increase("accounts.second", "not there", "live"),)


def test_an_account_whose_positions_nobody_would_see_to_any_more_is_named() -> None:
    two = changed("accounts.second", ACCOUNT)
    gone, simulating = globals_increases(two, GLOBALS), changed("accounts.main.mode", "simulate")
    seen_to = "live (positions are watched)"
    assert gone == (Increase("accounts.second", seen_to, "not there (positions are left alone)"),)
    only_looks = Increase("accounts.main.mode", seen_to, "simulate (positions are left alone)")
    assert globals_increases(GLOBALS, simulating) == (only_looks,)
    without = _copy(simulating)
    del without["accounts"]["main"]
    assert globals_increases(simulating, without) == ()


def test_the_limits_of_an_account_that_only_simulates_risk_nothing() -> None:
    simulating = changed("accounts.main.mode", "simulate")
    wider = _copy(simulating)
    wider["accounts"]["main"]["limits"]["max_leverage"] = 50
    assert globals_increases(simulating, wider) == ()


@pytest.mark.parametrize(
    ("routes", "after"),
    [({}, "tells nothing"), ({"phone": {"kind": "telegram", "levels": ["critical"]}}, "tells critical")],
)
def test_somebody_who_is_no_longer_told_is_a_guard_that_is_gone(routes: dict[str, Any], after: str) -> None:
    assert globals_increases(GLOBALS, changed("alerts.routes", routes)) == (
        Increase("alerts.routes.phone", "tells critical, high", after),
    )
