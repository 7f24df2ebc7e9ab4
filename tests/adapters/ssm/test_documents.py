"""A bad document is refused with the field, the value and what would be right, whatever is wrong with it."""

import json
from decimal import Decimal
from typing import Any

import pytest

from undertow.adapters.ssm import globals_file as globals_module
from undertow.adapters.ssm import strategy_file as strategy_module
from undertow.adapters.ssm.fields import details, is_exact
from undertow.adapters.ssm.hunter_settings import HunterSettings
from undertow.domain.account import MarginType, Mode, PositionMode
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.order import TimeInForce, WorkingType
from undertow.ports import BadDocument, Flaw
from undertow.strategies.hunter import Threshold, VolumeUnit
from undertow.strategies.signal import Direction, TradeSide

BELOW_AND_ABOVE: dict[str, tuple[Any, Any]] = {
    "volume_window_sec": (0, 3_601),
    "volume_threshold_long": ("0", "1000000000001"),
    "volume_threshold_short": (-1, "1000000000001"),
    "volume_upper_bound_long": ("0", "1000000000001"),
    "volume_upper_bound_short": ("-5", "1000000000001"),
    "cooldown_sec": (-1, 86_401),
    "leverage": (0, 51),
    "trade_value_usdt": ("0", "1000000.01"),
    "price_offset_pct": ("-0.1", "10.1"),
    "order_ttl_seconds": (0, 901),
    "max_open_orders_per_symbol": (0, 201),
    "max_position_margin_usdt": ("0", "1000000001"),
    "max_position_notional_usdt": ("0", "1000000001"),
    "take_profit_pct": ("0", "90.1"),
    "stop_loss_pct": ("0", "100"),
    "min_reward_risk": ("-1", "100.1"),
    "break_even_at_pct": ("0.9", "100"),
    "trailing_distance_pct": ("0", "50.1"),
}
NOT_ONE_OF = {
    "direction": "up",
    "trade_side": "LONG",
    "margin_type": "crossed",
    "time_in_force": "GTD",
    "working_type": "LAST",
    "opposite_signal": "close",
}
FIGURES = [name for name, field in HunterSettings.model_fields.items() if is_exact(field)]
WHOLE = [
    name
    for name, field in HunterSettings.model_fields.items()
    if details(field)["allowed"].startswith("a whole number")
]
SWITCHES = [name for name, field in HunterSettings.model_fields.items() if field.annotation is bool]


def flaws_of(document: dict[str, Any]) -> tuple[Flaw, ...]:
    with pytest.raises(BadDocument) as refused:
        strategy_module.parse(json.dumps(document))
    return refused.value.flaws


def test_every_setting_is_in_one_of_the_tables_of_this_test() -> None:
    tested = {*BELOW_AND_ABOVE, *NOT_ONE_OF, *SWITCHES}
    assert tested == set(HunterSettings.model_fields)


@pytest.mark.parametrize("place", ["base", "symbols.BTCUSDT"])
@pytest.mark.parametrize("name", BELOW_AND_ABOVE)
@pytest.mark.parametrize("side", [0, 1])
def test_a_value_out_of_range_is_refused_with_field_value_and_range(
    strategy_file: dict[str, Any], name: str, side: int, place: str
) -> None:
    value = BELOW_AND_ABOVE[name][side]
    target = strategy_file["base"] if place == "base" else strategy_file["symbols"]["BTCUSDT"]
    strategy_file["symbols"]["BTCUSDT"].pop(name, None)
    target[name] = value
    (flaw,) = [flaw for flaw in flaws_of(strategy_file) if flaw.field == f"{place}.{name}"]
    assert flaw.value == json.dumps(value)
    assert details(HunterSettings.model_fields[name])["allowed"] in flaw.allowed


@pytest.mark.parametrize(("name", "value"), NOT_ONE_OF.items())
def test_a_word_that_is_not_one_of_the_choices_is_refused_with_the_choices(
    strategy_file: dict[str, Any], name: str, value: str
) -> None:
    strategy_file["base"][name] = value
    (flaw,) = flaws_of(strategy_file)
    assert (flaw.field, flaw.value) == (f"base.{name}", f'"{value}"')
    assert flaw.allowed.startswith("one of ")


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", [1, 0, "true", "yes", None])
def test_a_switch_is_true_or_false_and_nothing_that_looks_like_it(
    strategy_file: dict[str, Any], name: str, value: object
) -> None:
    strategy_file["base"][name] = value
    (flaw,) = flaws_of(strategy_file)
    assert (flaw.field, flaw.allowed) == (f"base.{name}", "true or false")


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", ["10", 1.5, True, None, [], {}])
def test_a_whole_number_is_not_converted_from_anything_else(
    strategy_file: dict[str, Any], name: str, value: object
) -> None:
    strategy_file["base"][name] = value
    assert [flaw.field for flaw in flaws_of(strategy_file)] == [f"base.{name}"]


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize(
    "value", ["1e3", "1_000", " 1", "１", "NaN", "Infinity", "", "1.", ".5", "+1", True, [], {}, "9" * 40]
)
def test_a_figure_is_a_plain_decimal_or_refused(strategy_file: dict[str, Any], name: str, value: object) -> None:
    strategy_file["base"][name] = value
    strategy_file["symbols"] = {"ETHUSDT": {}}
    assert [flaw.field for flaw in flaws_of(strategy_file)] == [f"base.{name}"]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e-400", "0.0000000000001", "9" * 30])
def test_a_number_beyond_all_sense_is_refused_and_not_rounded(strategy_file: dict[str, Any], number: str) -> None:
    strategy_file["base"]["trade_value_usdt"] = "PLACE"
    with pytest.raises(BadDocument) as refused:
        strategy_module.parse(json.dumps(strategy_file).replace('"PLACE"', number))
    assert [flaw.field for flaw in refused.value.flaws] == ["base.trade_value_usdt"]


@pytest.mark.parametrize("written", ['"12.50"', "12.50", "12.5"])
def test_a_figure_may_be_a_text_or_a_number_and_stays_exact(strategy_file: dict[str, Any], written: str) -> None:
    strategy_file["base"]["trade_value_usdt"] = "PLACE"
    strategy = strategy_module.parse(json.dumps(strategy_file).replace('"PLACE"', written))
    assert strategy.effective[Symbol("ETHUSDT")].trade_value_usdt == Decimal("12.5")
    assert json.loads(strategy.text)["base"]["trade_value_usdt"] == "12.5"


@pytest.mark.parametrize("name", [name for name, field in HunterSettings.model_fields.items() if field.is_required()])
def test_a_required_setting_is_missing_where_neither_symbol_nor_base_gives_it(
    strategy_file: dict[str, Any], name: str
) -> None:
    strategy_file["symbols"]["BTCUSDT"][name] = strategy_file["base"].pop(name)
    (flaw,) = flaws_of(strategy_file)
    assert (flaw.field, flaw.value) == (f"symbols.ETHUSDT.{name}", "it is missing here and in the base")


@pytest.mark.parametrize("field", ["id", "kind", "account", "base", "symbols"])
def test_a_missing_part_of_the_file_is_named(strategy_file: dict[str, Any], field: str) -> None:
    del strategy_file[field]
    assert Flaw(field, "it is missing", flaws_of(strategy_file)[0].allowed) in flaws_of(strategy_file)


def test_a_misspelt_setting_is_refused_with_the_likely_one(strategy_file: dict[str, Any]) -> None:
    strategy_file["symbols"]["BTCUSDT"]["colldown_sec"] = 5
    (flaw,) = flaws_of(strategy_file)
    assert flaw == Flaw("symbols.BTCUSDT.colldown_sec", "there is no such field", "did you mean cooldown_sec?")


def test_all_flaws_of_a_file_are_told_at_once(strategy_file: dict[str, Any]) -> None:
    strategy_file["enabled"] = "yes"
    strategy_file["base"]["leverage"] = 99
    strategy_file["symbols"]["BTCUSDT"]["stop_loss_pct"] = 0
    strategy_file["symbols"]["A B"] = {}
    fields = {flaw.field for flaw in flaws_of(strategy_file)}
    assert fields == {"enabled", "base.leverage", "symbols.BTCUSDT.stop_loss_pct", "symbols.A B"}


@pytest.mark.parametrize("kind", ["gatherer", "Hunter", "", 1, None, ["hunter"]])
def test_a_kind_that_is_none_is_refused_with_those_there_are(strategy_file: dict[str, Any], kind: object) -> None:
    strategy_file["kind"] = kind
    (flaw,) = flaws_of(strategy_file)
    assert (flaw.field, flaw.allowed) == ("kind", "one of hunter, ladder")


def test_an_upper_bound_lies_above_its_threshold(strategy_file: dict[str, Any]) -> None:
    strategy_file["base"]["volume_upper_bound_long"] = 50_000
    (flaw,) = flaws_of(strategy_file)
    assert flaw.field == "symbols.BTCUSDT.volume_upper_bound_long"
    assert flaw.allowed == "above volume_threshold_long, which is 100000"


@pytest.mark.parametrize("cap", ["max_position_margin_usdt", "max_position_notional_usdt"])
def test_a_cap_below_one_trade_is_refused_because_nothing_could_trade(strategy_file: dict[str, Any], cap: str) -> None:
    strategy_file["base"][cap] = "19.99"
    assert [flaw.field for flaw in flaws_of(strategy_file)] == [f"base.{cap}"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"id": NaN}',
        '{"id": Infinity}',
        '{"id": 1, "id": 2}',
        '{"id": "\\ud800"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_json_object_is_refused_as_such(text: str) -> None:
    with pytest.raises(BadDocument) as refused:
        strategy_module.parse(text)
    assert [flaw.field for flaw in refused.value.flaws] == ["document"]


def test_a_symbol_that_is_not_ascii_passes(strategy_file: dict[str, Any]) -> None:
    strategy_file["symbols"] = {"币安人生USDT": {"leverage": 3}}
    strategy = strategy_module.parse(json.dumps(strategy_file))
    assert strategy.effective[Symbol("币安人生USDT")].leverage == 3


def test_settings_become_what_the_hunter_decides_by(strategy_file: dict[str, Any]) -> None:
    strategy_file["symbols"]["BTCUSDT"] |= {
        "enabled": False,
        "simulate_only": True,
        "volume_window_sec": 90,
        "use_usdt_volume": False,
        "volume_threshold_long": 100,
        "volume_upper_bound_long": "200.5",
        "volume_threshold_short": 300,
        "cooldown_sec": 7,
        "direction": "follow",
        "trade_side": "short",
        "leverage": 4,
        "margin_type": "cross",
        "trade_value_usdt": "12.5",
        "price_offset_pct": "0.2",
        "time_in_force": "GTX",
        "order_ttl_seconds": 45,
        "max_open_orders_per_symbol": 2,
        "max_position_margin_usdt": 77,
        "max_position_notional_usdt": 88,
        "take_profit_pct": 3,
        "stop_loss_pct": "1.5",
        "working_type": "MARK_PRICE",
        "price_protect": True,
    }
    params = strategy_module.to_domain(strategy_module.parse(json.dumps(strategy_file)), 3, False).symbols[
        Symbol("BTCUSDT")
    ]
    assert (params.enabled, params.simulate, params.volume_window_s) == (False, True, 90)
    assert (params.volume_unit, params.direction, params.trade_side) == (
        VolumeUnit.TOKENS,
        Direction.FOLLOW,
        TradeSide.SHORT,
    )
    assert params.long == Threshold(Decimal(100), Decimal("200.5"))
    assert params.short == Threshold(Decimal(300), None)
    assert (params.cooldown_s, params.leverage, params.margin_type) == (7, 4, MarginType.CROSS)
    assert (params.trade_value, params.notional, params.price_offset_pct) == (Decimal("12.5"), 50, Decimal("0.2"))
    assert (params.time_in_force, params.order_ttl_s) == (TimeInForce.GTX, 45)
    limits = params.limits
    assert (limits.max_position_margin, limits.max_position_notional, limits.max_open_orders) == (77, 88, 2)
    protection = params.protection
    assert (protection.take_profit_pct, protection.stop_loss_pct) == (3, Decimal("1.5"))
    assert (protection.working_type, protection.price_protect) == (WorkingType.MARK_PRICE, True)


def test_defaults_are_those_hunters_know(strategy_file: dict[str, Any]) -> None:
    params = strategy_module.to_domain(strategy_module.parse(json.dumps(strategy_file)), 3, False).symbols[
        Symbol("ETHUSDT")
    ]
    assert (params.volume_window_s, params.cooldown_s, params.order_ttl_s) == (60, 30, 30)
    assert (params.direction, params.trade_side, params.volume_unit) == (
        Direction.FADE,
        TradeSide.BOTH,
        VolumeUnit.USDT,
    )
    assert (params.protection.take_profit_pct, params.protection.stop_loss_pct) == (2, 1)
    assert (params.limits.max_open_orders, params.price_offset_pct) == (5, Decimal("0.1"))


def test_the_stages_simulate_only_reaches_every_symbol(strategy_file: dict[str, Any]) -> None:
    strategy = strategy_module.to_domain(strategy_module.parse(json.dumps(strategy_file)), 1, simulate_only=True)
    assert all(params.simulate for params in strategy.symbols.values())


def test_unwise_settings_are_admitted_with_a_warning(
    strategy_file: dict[str, Any], globals_file: dict[str, Any]
) -> None:
    strategy_file["base"] |= {"leverage": 25, "stop_loss_pct": 4}
    globals_file["accounts"]["main"]["multi_assets_mode"] = True
    strategy = strategy_module.parse(json.dumps(strategy_file))
    current = globals_module.to_domain(globals_module.parse(json.dumps(globals_file)), 1)
    text = "\n".join(strategy_module.warnings(strategy, current))
    assert "every entry will be refused" in text
    assert "beyond the price at which the venue liquidates" in text
    assert "cross margin only" in text


# --- globals --------------------------------------------------------------------------------------------------------


def globals_flaws(document: dict[str, Any]) -> dict[str, Flaw]:
    with pytest.raises(BadDocument) as refused:
        globals_module.parse(json.dumps(document))
    return {flaw.field: flaw for flaw in refused.value.flaws}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rate_limit_buffer_pct", -1),
        ("rate_limit_buffer_pct", 91),
        ("unprotected_alert_s", 0),
        ("unprotected_close_s", 601),
        ("unprotected_close_s", 5),
        ("simulate_only", "no"),
        ("extra_symbols", ["BTCUSDT", "BTCUSDT"]),
        ("extra_symbols", "BTCUSDT"),
        ("accounts", {}),
    ],
)
def test_a_global_out_of_range_is_refused(globals_file: dict[str, Any], name: str, value: object) -> None:
    globals_file[name] = value
    assert globals_flaws(globals_file)[name].value == json.dumps(value, separators=(",", ":"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_total_exposure_margin_usdt", 0),
        ("max_total_exposure_notional_usdt", "10e3"),
        ("max_total_exposure_notional_usdt", "999"),
        ("max_positions", -1),
        ("max_leverage", 51),
        ("max_signal_age_s", 31),
    ],
)
def test_a_limit_out_of_range_is_refused_with_its_whole_path(
    globals_file: dict[str, Any], name: str, value: object
) -> None:
    globals_file["accounts"]["main"]["limits"][name] = value
    assert set(globals_flaws(globals_file)) == {f"accounts.main.limits.{name}"}


@pytest.mark.parametrize(
    ("name", "value"), [("venue", "mtgox"), ("mode", "real"), ("hedge_mode", 1), ("multi_assets_mode", None)]
)
def test_an_account_setting_that_is_none_is_refused(globals_file: dict[str, Any], name: str, value: object) -> None:
    globals_file["accounts"]["main"][name] = value
    assert set(globals_flaws(globals_file)) == {f"accounts.main.{name}"}


def test_globals_become_accounts_and_limits(globals_file: dict[str, Any]) -> None:
    globals_file["external_positions"] = {"policy": "protect", "stop_loss_pct": 5}
    current = globals_module.to_domain(globals_module.parse(json.dumps(globals_file)), 4)
    account = current.accounts[AccountId("main")]
    assert (account.mode, account.position_mode, account.multi_assets) == (Mode.LIVE, PositionMode.HEDGE, False)
    assert current.limits[AccountId("main")].max_signal_age_ms == 5_000
    assert (current.rate_limit_buffer_pct, current.unprotected_alert_s, current.unprotected_close_s) == (10, 5, 15)
    assert current.external.protection is not None
    assert current.external.protection.stop_loss_pct == 5
    assert current.version == "4"


def test_external_positions_are_only_watched_by_default(globals_file: dict[str, Any]) -> None:
    current = globals_module.to_domain(globals_module.parse(json.dumps(globals_file)), 1)
    assert current.external.protection is None
