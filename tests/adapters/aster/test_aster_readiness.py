"""Modes, margin type and leverage: set what differs and believe only what is read back."""

from typing import Any

import httpx
import pytest
from tests.adapters.aster.scripted import (
    MAIN,
    NOW_MS,
    SYMBOL,
    ScriptedVenue,
    SettableNow,
    read_payload,
)

from undertow.adapters.aster.venue import AsterVenue
from undertow.domain.account import Account, MarginType, Mode, PositionMode
from undertow.domain.market import Venue
from undertow.domain.outcome import (
    VenueBlocked,
    VenueReadFailed,
)


class Settings:
    """The venue's side of modes, margin type and leverage."""

    def __init__(self, script: ScriptedVenue) -> None:
        (self.row,) = read_payload("http_get_positionRisk_one_way")
        self.row |= {"symbol": SYMBOL}
        self.hedge = self.multi_assets = False
        self.sent: list[str] = []
        script.on("GET positionSide/dual", lambda _: self._answer({"dualSidePosition": self.hedge}))
        script.on("GET multiAssetsMargin", lambda _: self._answer({"multiAssetsMargin": self.multi_assets}))
        script.on("GET positionRisk", lambda _: self._answer([self.row]))
        for route in ("positionSide/dual", "multiAssetsMargin", "marginType", "leverage"):
            script.on(f"POST {route}", self._set)

    def _answer(self, value: Any) -> httpx.Response:
        return httpx.Response(200, json=value)

    def _set(self, request: httpx.Request) -> httpx.Response:
        sent = dict(httpx.QueryParams(request.content.decode()))
        name = request.url.path.split("/", 3)[3]
        self.sent.append(name)
        if name == "positionSide/dual":
            self.hedge = sent["dualSidePosition"] == "true"
        elif name == "multiAssetsMargin":
            self.multi_assets = sent["multiAssetsMargin"] == "true"
        elif name == "marginType":
            self.row["marginType"] = {"ISOLATED": "isolated", "CROSSED": "cross"}[sent["marginType"]]
        else:
            self.row["leverage"] = sent["leverage"]
        return self._answer({"code": 200, "msg": "success"})


ACCOUNT = Account(MAIN, Venue.ASTER, Mode.LIVE, PositionMode.HEDGE, multi_assets=False)


@pytest.fixture
def settings(script: ScriptedVenue) -> Settings:
    return Settings(script)


def test_what_differs_is_set_and_read_back(venue: AsterVenue, settings: Settings) -> None:
    ready = venue.make_ready(SYMBOL, 25, MarginType.CROSS, ACCOUNT)
    assert settings.sent == ["positionSide/dual", "marginType", "leverage"]
    assert (ready.leverage, ready.margin_type, ready.position_mode) == (25, MarginType.CROSS, PositionMode.HEDGE)
    assert (ready.multi_assets, ready.verified_at_ms) == (False, NOW_MS)


def test_what_is_right_already_is_left_alone(venue: AsterVenue, settings: Settings) -> None:
    settings.hedge = True
    ready = venue.make_ready(SYMBOL, 10, MarginType.ISOLATED, ACCOUNT)
    assert settings.sent == []
    assert ready.position_mode is PositionMode.HEDGE


def test_modes_are_not_read_again_for_the_next_symbol_within_a_minute(
    venue: AsterVenue, settings: Settings, script: ScriptedVenue, now: SettableNow
) -> None:
    settings.hedge = True
    for _ in range(3):
        venue.make_ready(SYMBOL, 10, MarginType.ISOLATED, ACCOUNT)
    assert len(script.asked("GET positionSide/dual")) == 1
    now.ms += 60_000
    venue.make_ready(SYMBOL, 10, MarginType.ISOLATED, ACCOUNT)
    assert len(script.asked("GET positionSide/dual")) == 2


@pytest.mark.parametrize(("route", "code"), [("marginType", -4046), ("positionSide/dual", -4059)])
def test_already_so_is_as_good_as_done(
    route: str, code: int, venue: AsterVenue, settings: Settings, script: ScriptedVenue
) -> None:
    script.refuse(f"POST {route}", code, "No need to change")
    venue.make_ready(SYMBOL, 10, MarginType.CROSS, ACCOUNT)


def test_what_the_venue_refuses_to_change_shows_in_what_it_confirms(
    venue: AsterVenue, settings: Settings, script: ScriptedVenue, caplog: pytest.LogCaptureFixture
) -> None:
    script.refuse("POST positionSide/dual", -4068, "Position side cannot be changed if there exists position.")
    ready = venue.make_ready(SYMBOL, 10, MarginType.ISOLATED, ACCOUNT)
    assert ready.position_mode is PositionMode.ONE_WAY
    assert "setting_not_changed" in caplog.text


def test_sides_that_differ_count_as_the_riskier_one(
    venue: AsterVenue, settings: Settings, script: ScriptedVenue
) -> None:
    settings.hedge = True
    other = settings.row | {"leverage": "20", "marginType": "cross"}
    script.on("GET positionRisk", lambda _: httpx.Response(200, json=[settings.row, other]))
    ready = venue.make_ready(SYMBOL, 20, MarginType.CROSS, ACCOUNT)
    assert (ready.leverage, ready.margin_type) == (20, MarginType.CROSS)


def test_a_symbol_without_a_row_cannot_be_made_ready(
    venue: AsterVenue, settings: Settings, script: ScriptedVenue
) -> None:
    script.on("GET positionRisk", [])
    with pytest.raises(VenueReadFailed):
        venue.make_ready(SYMBOL, 10, MarginType.CROSS, ACCOUNT)


def test_a_limit_while_setting_is_told(venue: AsterVenue, settings: Settings, script: ScriptedVenue) -> None:
    script.refuse("POST leverage", -1003, status=429)
    with pytest.raises(VenueBlocked):
        venue.make_ready(SYMBOL, 20, MarginType.ISOLATED, ACCOUNT)


def test_the_multi_assets_mode_is_set_as_well(venue: AsterVenue, settings: Settings) -> None:
    settings.multi_assets = True
    ready = venue.make_ready(SYMBOL, 10, MarginType.ISOLATED, ACCOUNT)
    assert settings.sent == ["positionSide/dual", "multiAssetsMargin"]
    assert ready.multi_assets is False
