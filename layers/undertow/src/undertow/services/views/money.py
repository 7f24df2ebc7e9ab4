"""How sums, moments and the reach of the imports look in JSON."""

from collections.abc import Mapping
from decimal import Decimal

from undertow.domain.accounting.profit import QUOTE, Profit
from undertow.domain.accounting.trips import Record
from undertow.domain.json_text import Json
from undertow.domain.numbers import plain
from undertow.domain.times import utc_text
from undertow.services.read_books import AccountBooks
from undertow.services.views import render

_PERCENT_PLACES = Decimal("0.0001")
_CENT_OF_CENT = Decimal("0.00000001")


def moment(name: str, time_ms: int | None) -> dict[str, Json]:
    """Under ``name_ms`` for programs, and under ``name`` for people."""
    return {f"{name}_ms": time_ms, name: None if time_ms is None else utc_text(time_ms)}


def sums(profit: Profit) -> dict[str, Json]:
    """``commissions`` is a cost. ``apart`` is what moved in other assets: it is in no other figure."""
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


def amounts(by_asset: Mapping[str, Decimal]) -> dict[str, Json]:
    return {asset: plain(amount) for asset, amount in sorted(by_asset.items())}


def outcomes(record: Record) -> dict[str, Json]:
    """Null is what cannot be told: there was no loss, or nothing at all."""
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


def reach(read: AccountBooks, now_ms: int) -> dict[str, Json]:
    """How far the venue's records are imported: what came later is known from the ledger's own fills only."""
    complete_ms = read.complete_to_ms
    return {
        **moment("complete_to", complete_ms),
        "age_ms": None if complete_ms is None else max(0, now_ms - complete_ms),
        "streams": len(read.checkpoints),
        "trades": len(read.trades),
        "trades_not_imported": read.not_imported,
        "source": "venue, as imported; newer trades as booked",
        "quote": QUOTE,
    }
