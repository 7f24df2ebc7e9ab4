"""The price of one symbol with what belongs over it: liquidations by candle, our own fills, gaps in the recording."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account, Mode
from undertow.domain.fill import Fill
from undertow.domain.ids import Symbol
from undertow.domain.market import Candle, Liquidation, PositionSide, Side, Venue
from undertow.domain.numbers import ZERO, plain
from undertow.services.views.market import NoInstrument
from undertow.services.views.past_candles import Questions
from undertow.services.views.recorded_gaps import SAMPLED, GapRow, gap_rows
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

MOST_CANDLES: Final = 960
MOST_QUESTIONS: Final = 4
MOST_FILLS: Final = 500
LONGEST_TAPE_MS: Final = 48 * 3_600_000
"""The tape is stored for all symbols together: a longer stretch of it is too much to read for one chart."""


class Interval(StrEnum):
    MINUTE = "1m"
    FIVE_MINUTES = "5m"
    QUARTER = "15m"
    HOUR = "1h"
    FOUR_HOURS = "4h"
    DAY = "1d"

    @property
    def seconds(self) -> int:
        return _SECONDS[self]


_SECONDS: Final = {
    Interval.MINUTE: 60,
    Interval.FIVE_MINUTES: 300,
    Interval.QUARTER: 900,
    Interval.HOUR: 3_600,
    Interval.FOUR_HOURS: 14_400,
    Interval.DAY: 86_400,
}


@dataclass(frozen=True, slots=True)
class ChartQuery:
    """At most ``MOST_CANDLES`` intervals; the range is the caller's to bound."""

    symbol: Symbol
    interval: Interval
    from_ms: EpochMs
    to_ms: EpochMs


class CandleRow(TypedDict):
    time_ms: EpochMs
    open: Figure
    high: Figure
    low: Figure
    close: Figure
    volume: Figure
    closed: bool


class LiquidatedRow(TypedDict):
    """``long_value`` is what of longs was liquidated within the candle, quote units."""

    time_ms: EpochMs
    long_value: Figure
    short_value: Figure
    largest: Figure
    count: int


class ChartFill(TypedDict):
    account: str
    mode: Mode
    trade_id: str
    client_order_id: str | None
    side: Side
    position_side: PositionSide | None
    price: Figure
    quantity: Figure
    notional: Figure
    realized_pnl: Figure
    time_ms: EpochMs


class ChartSource(TypedDict):
    """``missing`` is why candles are not there, null when none is missing."""

    source: str
    asked_at_ms: EpochMs | None
    age_ms: int | None
    missing: str | None


class Chart(TypedDict):
    """``liquidations_from_ms`` is since when the tape was read for this answer."""

    time_ms: EpochMs
    symbol: str
    interval: Interval
    interval_s: int
    from_ms: EpochMs
    to_ms: EpochMs
    sampled: str
    candles: list[CandleRow]
    candles_source: ChartSource
    liquidations: list[LiquidatedRow]
    liquidations_from_ms: EpochMs
    fills: list[ChartFill]
    gaps: list[GapRow]


def chart(sources: Sources, venue: Venue, wanted: ChartQuery) -> Chart:
    """Raises NoInstrument. A venue that does not answer leaves the candles out and says so."""
    if sources.kept.instruments.get(venue, wanted.symbol) is None:
        raise NoInstrument(f"the trading rules of {wanted.symbol} are not known: is it a symbol of {venue.value}?")
    now_ms = sources.clock.now_ms()
    step_ms = wanted.interval.seconds * 1000
    begin_ms = wanted.from_ms - wanted.from_ms % step_ms
    found = sources.past_candles.between(
        venue, wanted.symbol, wanted.interval.seconds, begin_ms, wanted.to_ms, Questions(MOST_QUESTIONS)
    )
    tape_from_ms = max(begin_ms, wanted.to_ms - LONGEST_TAPE_MS)
    tape = sources.past_tape.between(sources.kept.liquidations, venue, tape_from_ms, wanted.to_ms, now_ms)
    return {
        "time_ms": now_ms,
        "symbol": wanted.symbol,
        "interval": wanted.interval,
        "interval_s": wanted.interval.seconds,
        "from_ms": begin_ms,
        "to_ms": wanted.to_ms,
        "sampled": SAMPLED,
        "candles": [_candle(one, now_ms) for one in found.candles],
        "candles_source": {
            "source": "venue REST",
            "asked_at_ms": found.asked_at_ms,
            "age_ms": None if found.asked_at_ms is None else max(0, now_ms - found.asked_at_ms),
            "missing": found.missing or None,
        },
        "liquidations": _by_candle((one for one in tape if one.symbol == wanted.symbol), step_ms),
        "liquidations_from_ms": tape_from_ms,
        "fills": sorted(
            (row for account in sources.accounts(None) for row in _fills(sources, venue, account, wanted, begin_ms)),
            key=lambda row: row["time_ms"],
        ),
        "gaps": gap_rows(sources, venue, begin_ms, wanted.to_ms),
    }


def _candle(one: Candle, now_ms: int) -> CandleRow:
    return {
        "time_ms": one.open_time_ms,
        "open": plain(one.open),
        "high": plain(one.high),
        "low": plain(one.low),
        "close": plain(one.close),
        "volume": plain(one.volume),
        "closed": one.close_time_ms < now_ms,
    }


def _by_candle(tape: Iterable[Liquidation], step_ms: int) -> list[LiquidatedRow]:
    grouped: dict[int, list[Liquidation]] = defaultdict(list)
    for one in tape:
        grouped[one.event_time_ms - one.event_time_ms % step_ms].append(one)
    return [
        {
            "time_ms": time_ms,
            "long_value": plain(_value(some, Side.SELL)),
            "short_value": plain(_value(some, Side.BUY)),
            "largest": plain(max(one.notional for one in some)),
            "count": len(some),
        }
        for time_ms, some in sorted(grouped.items())
    ]


def _value(some: Sequence[Liquidation], side: Side) -> Decimal:
    return sum((one.notional for one in some if one.side is side), ZERO)


def _fills(sources: Sources, venue: Venue, account: Account, wanted: ChartQuery, begin_ms: int) -> Iterator[ChartFill]:
    if account.venue is venue:
        found = sources.kept.fills.of_symbol(account.id, wanted.symbol, begin_ms, wanted.to_ms)
        for fill in found[-MOST_FILLS:]:
            yield _fill(fill, account)


def _fill(fill: Fill, account: Account) -> ChartFill:
    return {
        "account": account.id,
        "mode": account.mode,
        "trade_id": str(fill.trade_id),
        "client_order_id": fill.client_order_id,
        "side": fill.side,
        "position_side": fill.position_side,
        "price": plain(fill.price),
        "quantity": plain(fill.quantity),
        "notional": plain(fill.notional),
        "realized_pnl": plain(fill.realized_pnl),
        "time_ms": fill.time_ms,
    }
