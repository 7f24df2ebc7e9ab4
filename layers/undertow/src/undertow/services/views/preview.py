"""What a strategy would do now, on live prices: sizes, levels, stop, target, liquidation and what all of it risks.

Nothing is placed and nothing is stored. Amounts are quote units, percentages of a price unless named otherwise.
"""

from typing import Final

from undertow.domain.ids import StrategyId, Symbol
from undertow.domain.json_text import Json
from undertow.domain.market import PositionSide
from undertow.domain.numbers import plain
from undertow.services.views.hunter_preview import hunter_preview
from undertow.services.views.ladder_preview import ladder_preview
from undertow.services.views.market import read_candles
from undertow.services.views.preview_setting import Setting, read_setting, setting_of
from undertow.services.views.sources import Sources
from undertow.strategies.hunter import HunterParams

DAY_S: Final = 86_400
MOST_DAYS: Final = 1_000


def preview(sources: Sources, wanted: StrategyId, symbol: Symbol, side: PositionSide) -> dict[str, Json]:
    """By the parameters in force."""
    return _shown(sources, read_setting(sources, wanted, symbol, side))


def preview_draft(sources: Sources, text: str, symbol: Symbol, side: PositionSide) -> dict[str, Json]:
    """By a document that is stored nowhere. Raises BadDocument."""
    return _shown(sources, setting_of(sources, sources.documents.drafted(text), symbol, side))


def _shown(sources: Sources, setting: Setting) -> dict[str, Json]:
    symbol = setting.instrument.symbol
    days = read_candles(sources, setting.account.venue, symbol, DAY_S, MOST_DAYS)
    if isinstance(setting.params, HunterParams):
        return {**_head(setting), **hunter_preview(setting, setting.params, days)}
    return {**_head(setting), **ladder_preview(sources, setting, setting.params, days)}


def _head(setting: Setting) -> dict[str, Json]:
    book, mark, balance = setting.market.book, setting.market.mark, setting.balance
    return {
        "time_ms": setting.now_ms,
        "strategy": setting.strategy,
        "kind": "hunter" if isinstance(setting.params, HunterParams) else "ladder",
        "account": setting.account.id,
        "params_version": setting.params_version,
        "symbol": setting.instrument.symbol,
        "side": setting.side.value,
        "mark": plain(mark.price),
        "bid": plain(book.bid),
        "ask": plain(book.ask),
        "prices_age_ms": max(0, setting.now_ms - min(mark.time_ms, book.time_ms)),
        "equity": None if balance is None else plain(balance.equity),
        "available": None if balance is None else plain(balance.available),
        "leverage": setting.params.leverage,
        "margin_type": setting.params.margin_type.value,
        "estimate": True,
    }
