"""A symbol is ready when the venue confirmed mode, margin type and leverage as the strategy wants them."""

from typing import Any

import pytest
from tests.unit.builders import ACCOUNT, NOW_MS, readiness

from undertow.domain.account import Account, MarginType, Mode, PositionMode, Readiness
from undertow.domain.market import Venue
from undertow.risk.approval import Refusal
from undertow.risk.readiness import MAX_READINESS_AGE_MS, unready


def asked(
    known: Readiness | None,
    *,
    now_ms: int = NOW_MS,
    multi_assets: bool = False,
    mode: PositionMode = PositionMode.HEDGE,
) -> Refusal | None:
    account = Account(ACCOUNT, Venue.ASTER, Mode.LIVE, mode, multi_assets)
    return unready(known, account, 10, MarginType.ISOLATED, now_ms)


def test_a_symbol_that_stands_as_wanted_is_ready() -> None:
    assert asked(readiness()) is None


def test_a_symbol_that_was_never_read_back_is_not() -> None:
    refusal = asked(None)
    assert refusal is not None
    assert refusal == Refusal("readiness", "mode, margin type and leverage were not read back from the venue yet")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("leverage", {"leverage": 9}),
        ("leverage", {"leverage": 11}),
        ("margin_type", {"margin_type": MarginType.CROSS}),
        ("position_mode", {"position_mode": PositionMode.ONE_WAY}),
        ("multi_assets", {"multi_assets": True}),
    ],
)
def test_a_symbol_that_stands_otherwise_is_not_and_the_refusal_shows_both(field: str, changes: dict[str, Any]) -> None:
    refusal = asked(readiness(**changes))
    assert refusal is not None
    differing = {name for name, value in refusal.inputs.items() if refusal.thresholds[name] != value}
    assert (refusal.gate, differing) == ("readiness", {field})
    assert refusal.reason == "the venue is not set up as the strategy wants it"


def test_a_one_way_account_wants_one_way() -> None:
    assert asked(readiness(position_mode=PositionMode.ONE_WAY), mode=PositionMode.ONE_WAY) is None
    assert asked(readiness(), mode=PositionMode.ONE_WAY) is not None


def test_a_multi_assets_account_holds_everything_cross_whatever_the_strategy_says() -> None:
    assert asked(readiness(multi_assets=True, margin_type=MarginType.CROSS), multi_assets=True) is None
    assert asked(readiness(multi_assets=True, margin_type=MarginType.ISOLATED), multi_assets=True) is not None


@pytest.mark.parametrize(("late_ms", "ready"), [(0, True), (1, False)])
def test_what_was_verified_counts_for_a_day(late_ms: int, ready: bool) -> None:
    refusal = asked(readiness(), now_ms=NOW_MS + MAX_READINESS_AGE_MS + late_ms)
    assert (refusal is None) is ready
    if refusal is not None:
        assert refusal.reason == "mode and leverage were not verified for a day"
        assert (refusal.inputs, refusal.thresholds) == ({"age_ms": "86400001"}, {"max_age_ms": "86400000"})
