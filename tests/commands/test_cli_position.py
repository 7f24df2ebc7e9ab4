"""What the page's buttons ask of a position, asked at a terminal: taken down, confirmed where it must be."""

import pytest
from tests.commands.conftest import CommandLine
from tests.services.test_ladder_life import layer, use
from tests.services.world import ACCOUNT, World

from undertow.domain.request import OperatorRequest, RequestKind


@pytest.fixture(name="held")
def _held(world: World) -> World:
    """A protected long of 0.009 BTC at 100,001 with a stop 1 % below; the mark price is 100,500."""
    world.holding()
    return world


def asked(world: World) -> list[OperatorRequest]:
    return list(world.desk.repositories.requests.recent(ACCOUNT.id, 0, world.clock.now_ms(), 10))


def test_a_close_names_the_account_and_is_taken_down(undertow: CommandLine, held: World) -> None:
    sent = len(held.venue.submitted)
    assert undertow("position", "close", "BTCUSDT", "long", "--percent", "50", answers=["main"]) == 0
    assert "(main, live) to close 50 % of BTCUSDT long 0.009" in undertow.terminal.questions[0]
    (request,) = asked(held)
    assert (request.kind, request.by, request.position) == (RequestKind.CLOSE, "terminal anna", held.position.id)
    assert f"asked to close 50 % of BTCUSDT LONG, request {request.id}" in undertow.out
    assert len(held.venue.submitted) == sent


@pytest.mark.parametrize("answer", ["yes", "other", ""])
def test_without_the_accounts_name_nothing_is_asked(undertow: CommandLine, held: World, answer: str) -> None:
    assert undertow("position", "close", "BTCUSDT", "long", answers=[answer]) == 1
    assert undertow("position", "close", "BTCUSDT", "long") == 1
    assert asked(held) == []


def test_a_stop_is_loosened_only_when_that_is_said(undertow: CommandLine, held: World) -> None:
    assert undertow("position", "stop", "BTCUSDT", "long", "99800") == 0
    held.venue.mark = "100500"
    held.desk.carry_out(ACCOUNT, asked(held)[0].id)
    held.clock.advance(1_000)
    assert undertow("position", "stop", "BTCUSDT", "long", "99500") == 3
    assert "2.7 USDT more can be lost" in undertow.err
    assert undertow("position", "stop", "BTCUSDT", "long", "99500", "--loosen") == 0
    assert asked(held)[0].confirmed


def test_break_even_and_layers_are_asked_too(undertow: CommandLine, world: World) -> None:
    use(world)
    layer(world, 1, "100000")
    assert undertow("position", "break-even", "BTCUSDT", "long") == 0
    world.clock.advance(10)
    assert undertow("position", "freeze", "BTCUSDT", "long") == 0
    assert [one.kind for one in asked(world)] == [RequestKind.FREEZE_LAYERS, RequestKind.BREAK_EVEN]
    assert undertow("position", "freeze", "BTCUSDT", "long", "--off", "--confirm", "main") != 0
    assert "not frozen" in undertow.err


@pytest.mark.parametrize("percent", ["0", "101", "-5", "half"])
def test_what_is_no_part_is_a_mistake_in_usage(undertow: CommandLine, held: World, percent: str) -> None:
    assert undertow("position", "close", "BTCUSDT", "long", f"--percent={percent}", "--confirm", "main") == 2
    assert asked(held) == []


def test_where_nothing_is_held_it_says_so(undertow: CommandLine, held: World) -> None:
    assert undertow("position", "close", "BTCUSDT", "short", "--confirm", "main") == 4
    assert undertow.err == "main holds no BTCUSDT short"
