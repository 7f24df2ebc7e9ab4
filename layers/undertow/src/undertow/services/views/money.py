"""How sums, moments and the reach of the imports look in JSON."""

from collections.abc import Mapping
from decimal import Decimal

from typing_extensions import TypedDict

from undertow.domain.accounting.profit import QUOTE, Profit
from undertow.domain.accounting.trips import Record
from undertow.domain.numbers import plain
from undertow.domain.times import utc_text
from undertow.services.read_books import AccountBooks
from undertow.services.views import render
from undertow.services.views.render import EpochMs, Figure

_PERCENT_PLACES = Decimal("0.0001")
_CENT_OF_CENT = Decimal("0.00000001")


OverRange = TypedDict(
    "OverRange",
    {"time": str, "time_ms": EpochMs, "from": str, "from_ms": EpochMs, "to": str, "to_ms": EpochMs},
)
"""When it was told, and of which range; both ends included. Once for people, and in milliseconds for programs."""


def over_range(now_ms: int, from_ms: int, to_ms: int) -> OverRange:
    return {
        "time": utc_text(now_ms),
        "time_ms": now_ms,
        "from": utc_text(from_ms),
        "from_ms": from_ms,
        "to": utc_text(to_ms),
        "to_ms": to_ms,
    }


class Sums(TypedDict):
    """``commissions`` is a cost. ``apart`` is what moved in other assets: it is in no other figure."""

    net_pnl: Figure
    realized_pnl: Figure
    commissions: Figure
    funding: Figure
    other_income: Figure
    apart: dict[str, Figure]
    volume: Figure
    trades: int


class RoundTrips(TypedDict):
    """Null is what cannot be told: there was no loss, or nothing at all."""

    closed: int
    wins: int
    losses: int
    win_rate_pct: Figure | None
    profit_factor: Figure | None
    expectancy: Figure | None
    average_win: Figure | None
    average_loss: Figure | None
    best: Figure | None
    worst: Figure | None
    average_hold_ms: int | None


class Reach(TypedDict):
    """How far the venue's records are imported: what came later is known from the ledger's own fills only."""

    complete_to: str | None
    complete_to_ms: EpochMs | None
    age_ms: int | None
    streams: int
    trades: int
    trades_not_imported: int
    source: str
    quote: str


def utc(time_ms: int | None) -> str | None:
    """A time for people, beside the milliseconds for programs."""
    return None if time_ms is None else utc_text(time_ms)


def sums(profit: Profit) -> Sums:
    return {
        "net_pnl": plain(profit.net),
        "realized_pnl": plain(profit.realized),
        "commissions": plain(profit.commission),
        "funding": plain(profit.funding),
        "other_income": plain(profit.other),
        "apart": amounts(profit.apart),
        "volume": plain(profit.volume),
        "trades": profit.trades,
    }


def amounts(by_asset: Mapping[str, Decimal]) -> dict[str, Figure]:
    return {asset: plain(amount) for asset, amount in sorted(by_asset.items())}


def outcomes(record: Record) -> RoundTrips:
    return {
        "closed": record.closed,
        "wins": record.wins,
        "losses": record.losses,
        "win_rate_pct": percent(record.win_rate_pct),
        "profit_factor": ratio(record.profit_factor),
        "expectancy": quotient(record.expectancy),
        "average_win": quotient(record.average_win),
        "average_loss": quotient(record.average_loss),
        "best": render.figure(record.best),
        "worst": render.figure(record.worst),
        "average_hold_ms": record.average_hold_ms,
    }


def percent(value: Decimal | None) -> str | None:
    """``value`` is in percent already; to four places."""
    return None if value is None else plain(value.quantize(_PERCENT_PLACES))


ratio = percent


def quotient(value: Decimal | None) -> str | None:
    """A sum divided by a count: to eight places."""
    return None if value is None else plain(value.quantize(_CENT_OF_CENT))


def reach(read: AccountBooks, now_ms: int) -> Reach:
    complete_ms = read.complete_to_ms
    return {
        "complete_to": utc(complete_ms),
        "complete_to_ms": complete_ms,
        "age_ms": None if complete_ms is None else max(0, now_ms - complete_ms),
        "streams": len(read.checkpoints),
        "trades": len(read.trades),
        "trades_not_imported": read.not_imported,
        "source": "venue, as imported; newer trades as booked",
        "quote": QUOTE,
    }
