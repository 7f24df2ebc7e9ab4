"""How an increase is put to the person who is asked to confirm it, and settings that are missing, new or odd."""

from decimal import Decimal
from typing import Any

import pytest
from tests.unit.test_risk_increases import ACCOUNT, GLOBALS, changed, strategy

from undertow.risk.increases import Increase, globals_increases, strategy_increases


def of_globals(path: str, before: object, after: object) -> tuple[Increase, ...]:
    return globals_increases(changed(path, before), changed(path, after))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (["BTCUSDT"], ["BTCUSDT", "ETHUSDT"], ("BTCUSDT", "BTCUSDT, ETHUSDT")),
        ([], ["BTCUSDT"], ("none", "BTCUSDT")),
        (["BTCUSDT"], ["ETHUSDT"], ("BTCUSDT", "ETHUSDT")),
        ([], None, ("none", "no bound")),
    ],
)
def test_a_wider_list_is_told_name_by_name(before: list[str], after: list[str] | None, told: tuple[str, str]) -> None:
    path = "accounts.main.risk.allowed_symbols"
    assert of_globals(path, before, after) == (Increase(path, *told),)


@pytest.mark.parametrize(
    ("before", "after"), [(None, ["BTCUSDT"]), (["A", "B"], ["B"]), (["A", "B"], ["B", "A"]), (["A"], [])]
)
def test_a_list_that_names_no_more_than_before_is_no_increase(before: list[str] | None, after: list[str]) -> None:
    assert of_globals("accounts.main.risk.allowed_symbols", before, after) == ()


def test_a_part_of_the_settings_that_replaces_a_plain_one_is_told_as_it_is_written() -> None:
    grown = globals_increases(changed("novelty", {"a": Decimal("1.50")}), changed("novelty", "off"))
    assert grown == (Increase("novelty", '{"a":"1.5"}', "off"),)
    assert globals_increases(changed("novelty", "off"), changed("novelty", {"a": 1})) == (
        Increase("novelty.a", "no bound", "1"),
    )


@pytest.mark.parametrize(
    ("setting", "before", "after", "increases"),
    [
        ("leverage", None, 10, False),
        ("leverage", 10, None, True),
        ("leverage", 10, 10, False),
        ("max_positions", 0, 5, False),
        ("max_positions", 5, 0, True),
        ("max_positions", 5, 4, False),
        ("cooldown_sec", None, 30, False),
        ("cooldown_sec", 30, None, True),
        ("cooldown_sec", 30, 31, False),
        ("dead_man", False, True, False),
        ("multi_assets_mode", False, True, True),
        ("multi_assets_mode", True, False, False),
        ("opposite_signal", "reduce", "ignore", True),
        ("opposite_signal", "reduce", "something new", True),
        ("opposite_signal", "something old", "reduce", True),
        ("opposite_signal", "hedge", "something new", False),
        ("trade_side", "long", "short", False),
        ("venue", "aster", "hyperliquid", True),
        ("order_ttl_seconds", 30, 900, False),
    ],
)
def test_what_a_change_of_a_setting_means(setting: str, before: Any, after: Any, increases: bool) -> None:
    found = strategy_increases(strategy({setting: before}), strategy({setting: after}))
    assert [one.field for one in found] == ([f"symbols.BTCUSDT.{setting}"] if increases else [])


def test_where_no_globals_were_stored_yet_only_the_accounts_are_told() -> None:
    assert globals_increases(None, GLOBALS) == (Increase("accounts.main", "not there", "live"),)


def test_each_of_several_accounts_is_looked_at_even_after_one_that_only_simulates() -> None:
    before = changed("accounts", {"a": {**ACCOUNT, "mode": "simulate"}, "b": ACCOUNT})
    after = changed("accounts", {"a": {**ACCOUNT, "mode": "simulate"}, "b": {**ACCOUNT, "mode": "simulate"}, "c": {}})
    assert globals_increases(before, after) == (
        Increase("accounts.c", "not there", "no bound"),
        Increase("accounts.b.mode", "live (positions are watched)", "simulate (positions are left alone)"),
    )
    live = changed("accounts.main.mode", "demo")
    assert globals_increases(live, GLOBALS) == (Increase("accounts.main.mode", "demo", "live"),)


def test_each_of_several_symbols_is_looked_at_even_after_one_that_does_not_trade() -> None:
    idle = {"enabled": False, "leverage": 5}
    before = strategy(symbols={"AUSDT": idle, "BUSDT": {"enabled": True, "leverage": 5}})
    after = strategy(symbols={"AUSDT": {**idle, "leverage": 50}, "BUSDT": {"enabled": True, "leverage": 6}})
    assert strategy_increases(before, after) == (Increase("symbols.BUSDT.leverage", "5", "6"),)


def test_a_route_that_tells_less_is_told_beside_the_other_settings_of_alerts() -> None:
    alerts: dict[str, Any] = {
        "routes": {
            "mail": {"kind": "sns", "levels": ["info", "critical"]},
            "phone": {"kind": "telegram", "levels": ["critical", "high", "info"]},
        },
        "dead_man": False,
        "critical_again_min": 5,
    }
    assert globals_increases(GLOBALS, changed("alerts", alerts)) == (Increase("alerts.dead_man", "true", "false"),)
    fewer = {**alerts, "routes": {"phone": {"levels": ["high"]}}}
    assert globals_increases(changed("alerts", alerts), changed("alerts", fewer)) == (
        Increase("alerts.routes.mail", "tells critical, info", "tells nothing"),
        Increase("alerts.routes.phone", "tells critical, high, info", "tells high"),
    )


def test_a_strategy_that_moves_to_another_account_is_told_beside_what_grows_there() -> None:
    assert strategy_increases(strategy(), strategy({"leverage": 11}, account="second")) == (
        Increase("account", "main", "second"),
        Increase("symbols.BTCUSDT.leverage", "10", "11"),
    )
