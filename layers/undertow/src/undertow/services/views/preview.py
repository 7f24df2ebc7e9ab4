"""What a strategy would do now, on live prices: sizes, levels, stop, target, liquidation and what all of it risks.

Nothing is placed and nothing is stored. Amounts are quote units, percentages of a price unless named otherwise.
"""

from typing import Final, Literal

from typing_extensions import TypedDict

from undertow.domain.account import MarginType
from undertow.domain.ids import StrategyId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.numbers import plain
from undertow.services.views.hunter_preview import HunterTermsNow, hunter_preview
from undertow.services.views.ladder_preview import LadderTermsNow, ladder_preview
from undertow.services.views.market import read_candles
from undertow.services.views.preview_setting import Setting, read_setting, setting_of
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources
from undertow.strategies.hunter import HunterParams


class PreviewHead(TypedDict):
    """Prices are the venue's, just now. Everything computed from them is an estimate."""

    time_ms: EpochMs
    strategy: str
    account: str
    params_version: str
    symbol: str
    side: PositionSide
    mark: Figure
    bid: Figure
    ask: Figure
    prices_age_ms: int
    equity: Figure | None
    available: Figure | None
    leverage: int
    margin_type: MarginType
    estimate: Literal[True]


class HunterPreview(PreviewHead, HunterTermsNow):
    kind: Literal["hunter"]


class LadderPreview(PreviewHead, LadderTermsNow):
    kind: Literal["ladder"]


DAY_S: Final = 86_400
MOST_DAYS: Final = 1_000


def preview(sources: Sources, wanted: StrategyId, symbol: Symbol, side: PositionSide) -> HunterPreview | LadderPreview:
    """By the parameters in force."""
    return _shown(sources, read_setting(sources, wanted, symbol, side))


def preview_draft(sources: Sources, text: str, symbol: Symbol, side: PositionSide) -> HunterPreview | LadderPreview:
    """By a document that is stored nowhere. Raises BadDocument."""
    return _shown(sources, setting_of(sources, sources.documents.drafted(text), symbol, side))


def _shown(sources: Sources, setting: Setting) -> HunterPreview | LadderPreview:
    symbol = setting.instrument.symbol
    days = read_candles(sources, setting.account.venue, symbol, DAY_S, MOST_DAYS)
    if isinstance(setting.params, HunterParams):
        return {"kind": "hunter", **_head(setting), **hunter_preview(setting, setting.params, days)}
    return {"kind": "ladder", **_head(setting), **ladder_preview(sources, setting, setting.params, days)}


def _head(setting: Setting) -> PreviewHead:
    book, mark, balance = setting.market.book, setting.market.mark, setting.balance
    return {
        "time_ms": setting.now_ms,
        "strategy": setting.strategy,
        "account": setting.account.id,
        "params_version": setting.params_version,
        "symbol": setting.instrument.symbol,
        "side": setting.side,
        "mark": plain(mark.price),
        "bid": plain(book.bid),
        "ask": plain(book.ask),
        "prices_age_ms": max(0, setting.now_ms - min(mark.time_ms, book.time_ms)),
        "equity": None if balance is None else plain(balance.equity),
        "available": None if balance is None else plain(balance.available),
        "leverage": setting.params.leverage,
        "margin_type": setting.params.margin_type,
        "estimate": True,
    }
