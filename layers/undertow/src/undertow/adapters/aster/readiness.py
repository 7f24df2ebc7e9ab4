"""Position mode, multi-assets mode, margin type and leverage: read back, set what differs, read back again."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from undertow.adapters.aster import parse, strict
from undertow.adapters.aster.calls import in_our_words, read
from undertow.adapters.aster.connection import AsterConnection
from undertow.adapters.aster.errors import (
    MARGIN_TYPE_UNCHANGED,
    POSITION_MODE_UNCHANGED,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Refused,
)
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.account import Account, MarginType, PositionMode, Readiness
from undertow.domain.ids import Symbol

logger = logging.getLogger(__name__)

MODES_VALID_MS: Final = 60_000
"""Reading the two modes costs a weight of 60, and they are the same for every symbol: not once for each."""

_WIRE_MARGIN: Final[dict[MarginType, Literal["ISOLATED", "CROSSED"]]] = {
    MarginType.ISOLATED: "ISOLATED",
    MarginType.CROSS: "CROSSED",
}


@dataclass(frozen=True, slots=True)
class _Modes:
    hedge: bool
    multi_assets: bool


@dataclass(frozen=True, slots=True)
class _SymbolSettings:
    margin_type: MarginType
    leverage: int


class Preparation:
    """Makes symbols of one account ready to trade."""

    def __init__(self, connection: AsterConnection) -> None:
        self._connection = connection
        self._account = connection.rest.account
        self._modes: _Modes | None = None
        self._modes_read_at_ms = 0

    def make_ready(self, symbol: Symbol, leverage: int, margin_type: MarginType, account: Account) -> Readiness:
        """As ``ports.TradingVenue.make_ready``. What the venue refuses to change shows in what it confirms."""
        # Modes first: what margin type and leverage a symbol may have depends on them.
        modes = self._ready_modes(_Modes(account.position_mode is PositionMode.HEDGE, account.multi_assets))
        settings = self._ready_symbol(symbol, _SymbolSettings(margin_type, leverage))
        return Readiness(
            account=account.id,
            symbol=symbol,
            leverage=settings.leverage,
            margin_type=settings.margin_type,
            position_mode=PositionMode.HEDGE if modes.hedge else PositionMode.ONE_WAY,
            multi_assets=modes.multi_assets,
            verified_at_ms=self._connection.time.local_ms(),
        )

    def _ready_modes(self, wanted: _Modes) -> _Modes:
        age_ms = self._connection.time.local_ms() - self._modes_read_at_ms
        if self._modes == wanted and 0 <= age_ms < MODES_VALID_MS:
            return wanted
        modes = self._fetch_modes()
        if modes.hedge != wanted.hedge:
            self._set("position_mode", lambda: self._account.set_position_mode(wanted.hedge))
        if modes.multi_assets != wanted.multi_assets:
            self._set("multi_assets", lambda: self._account.set_multi_assets(wanted.multi_assets))
        return modes if modes == wanted else self._fetch_modes()

    def _fetch_modes(self) -> _Modes:
        def ask() -> _Modes:
            hedge = strict.flag(self._account.get_position_mode(), "dualSidePosition")
            return _Modes(hedge, strict.flag(self._account.get_multi_assets(), "multiAssetsMargin"))

        now_ms = self._connection.time.local_ms()
        modes = read(self._connection, ask)
        self._modes, self._modes_read_at_ms = modes, now_ms
        return modes

    def _ready_symbol(self, symbol: Symbol, wanted: _SymbolSettings) -> _SymbolSettings:
        settings = self._fetch_symbol(symbol)
        if settings.margin_type is not wanted.margin_type:
            wire_margin = _WIRE_MARGIN[wanted.margin_type]
            self._set("margin_type", lambda: self._account.margin_type(symbol, wire_margin))
        if settings.leverage != wanted.leverage:
            self._set("leverage", lambda: self._account.leverage(symbol, wanted.leverage))
        return settings if settings == wanted else self._fetch_symbol(symbol)

    def _fetch_symbol(self, symbol: Symbol) -> _SymbolSettings:
        def ask() -> _SymbolSettings:
            rows = [row for row in self._account.position_risk(symbol) if strict.symbol(row, "symbol") == symbol]
            if not rows:
                raise BadFrame("has no position row", "symbol", symbol)
            # Both sides of a symbol share these; should they ever differ, the riskier one is the truth.
            margin_types = {strict.named(row, "marginType", parse.MARGIN_TYPES) for row in rows}
            margin = MarginType.CROSS if MarginType.CROSS in margin_types else MarginType.ISOLATED
            return _SymbolSettings(margin, max(parse.leverage(row) for row in rows))

        return read(self._connection, ask)

    def _set(self, setting: str, send: Callable[[], Any]) -> None:
        """Send once. Whether it took effect is not concluded from the answer but read back."""
        try:
            send()
        except (NotSent, RateLimited) as error:
            raise in_our_words(error) from error
        except (Refused, OutcomeUnknown) as error:
            if error.code not in (MARGIN_TYPE_UNCHANGED, POSITION_MODE_UNCHANGED):
                logger.warning("setting_not_changed", extra={"setting": setting, "cause": str(error)})
