"""A preview from the terminal."""

import json

from tests.commands.conftest import CommandLine
from tests.services.world import World


def test_a_preview_tells_entry_stop_liquidation_and_risk(undertow: CommandLine) -> None:
    assert undertow("preview", "hunter", "BTCUSDT") == 0
    assert "hunter (hunter, version 1) on main: BTCUSDT long, mark 100500" in undertow.out
    assert "entry 0.009 at 100505: notional 904.545 USDT, margin 90.4545 USDT at 10x isolated" in undertow.out
    assert "stop 99499.9, target 102515.1, liquidation 9" in undertow.out
    assert "worst day: no candles were recorded" in undertow.out


def test_a_short_is_previewed_and_had_as_json(undertow: CommandLine) -> None:
    assert undertow("preview", "hunter", "BTCUSDT", "--side", "short", "--json") == 0
    assert json.loads(undertow.out)["side"] == "SHORT"


def test_a_refusal_stands_out(undertow: CommandLine, world: World) -> None:
    world.store.balances.clear()
    assert undertow("preview", "hunter", "BTCUSDT") == 0
    assert "WOULD BE REFUSED: the account's balance is not known yet" in undertow.out


def test_what_is_not_there_is_said(undertow: CommandLine, world: World) -> None:
    assert undertow("preview", "other", "BTCUSDT") == 4
    assert undertow("preview", "hunter", "ETHUSDT") == 4
    world.store.instruments.clear()
    assert undertow("preview", "hunter", "BTCUSDT") == 4
