"""Import the venue's trades of one symbol: week by week to the present, and from then on by trade id.

A page that is full says nothing of what follows it in its span, so the next one begins in the millisecond in which it
ended: trades of one millisecond are never split, and what is there already is not stored again. Where one millisecond
fills a page, ids go on. A page is stored before its checkpoint.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from undertow.domain.account import Account
from undertow.domain.fill import Fill
from undertow.domain.ids import Symbol, TradeId
from undertow.domain.imports import INCOME_STREAM, LONGEST_SPAN_MS, PAGE, Checkpoint, Span, trades_stream
from undertow.ports import AlertLevel, Checkpoints, Clock, Fills, Meter, Notifier, Trades, Venues
from undertow.services.allowance import TRADES_WEIGHT, Allowance
from undertow.services.import_fills import ImportFills
from undertow.services.import_income import SETTLES_MS, unasked
from undertow.services.take_turn import TurnLost

logger = logging.getLogger(__name__)

OLDEST: Final = TradeId(0)
BOOKED_AFTER_MS: Final = 60_000
"""A trade younger than this is most likely still on its way to the ledger."""


@dataclass(frozen=True, slots=True)
class SyncTrades:
    trades: Trades
    fills: Fills
    checkpoints: Checkpoints
    venues: Venues
    import_fills: ImportFills
    notifier: Notifier
    clock: Clock
    meter: Meter
    page_size: int = PAGE

    def __call__(self, account: Account, symbol: Symbol, allowance: Allowance) -> int:
        """Go on from the checkpoint to now; return how many trades were new.

        Raises AllowanceSpent, TurnLost, VenueUnreachable or VenueReadFailed: what was stored stays.
        """
        now_ms, imported = self.clock.now_ms(), 0
        known = self.checkpoints.get(account.id, trades_stream(symbol)) or unasked(account, symbol, now_ms, now_ms)
        at = self._begun(account, symbol, known, allowance) if known.pages == 0 else known
        at = _towards(at, now_ms)
        while at.caught_up_at_ms is None:
            allowance.take(TRADES_WEIGHT)
            wanted = asked(at)
            page = self.venues.trading(account).fetch_trade_page(symbol, wanted, self.page_size)
            new = self.trades.record(page)
            imported += new
            self.meter.count("trades_imported", new)
            self._book_missed(account, symbol, page)
            at = after(at, wanted, page, len(page) >= self.page_size, new, self.clock.now_ms())
            if not self.checkpoints.save(at):
                raise TurnLost(f"trades of {symbol}: another run imports them")
        return imported

    def _begun(self, account: Account, symbol: Symbol, known: Checkpoint, allowance: Allowance) -> Checkpoint:
        """From the first active week on. Incomes tell when it was, unless what was traded then cost no fee."""
        allowance.take(TRADES_WEIGHT)
        oldest = self.venues.trading(account).fetch_trade_page(symbol, OLDEST, 1)
        first_ms = min([known.from_ms, *(trade.time_ms for trade in oldest)])
        return replace(known, from_ms=first_ms, cursor_ms=first_ms)

    def _book_missed(self, account: Account, symbol: Symbol, page: Sequence[Fill]) -> None:
        """What happened while nobody listened is booked. What is older than the first import is history only."""
        begun = self.checkpoints.get(account.id, INCOME_STREAM)
        if begun is None:
            return
        until_ms = self.clock.now_ms() - BOOKED_AFTER_MS
        recent = [trade for trade in page if begun.run_started_at_ms <= trade.time_ms <= until_ms]
        missed = [trade for trade in recent if not self.fills.has(account.id, symbol, trade.trade_id)]
        if not missed:
            return
        booked = self.import_fills(account, symbol, min(trade.time_ms for trade in missed))
        logger.warning("trades_had_been_missed", extra={"account": account.id, "symbol": symbol, "trades": len(missed)})
        self.meter.count("missed_trades", len(missed))
        self.notifier.alert(
            AlertLevel.HIGH,
            f"missed_trades#{account.id}#{symbol}#{missed[0].trade_id}",
            "the venue's history holds trades that no event told of; they are booked now",
            {"symbol": symbol, "trades": str(len(missed)), "booked": str(len(booked))},
        )


def is_walking(at: Checkpoint) -> bool:
    """Through time, in spans, as long as the present is not reached or no trade was seen; by ids from then on."""
    return at.next_trade_id is None or at.chunk < at.chunks


def asked(at: Checkpoint) -> TradeId | Span:
    if at.next_trade_id is not None and not is_walking(at):
        return at.next_trade_id
    return Span(at.cursor_ms, min(at.cursor_ms + LONGEST_SPAN_MS - 1, at.target_ms))


def after(
    at: Checkpoint, wanted: TradeId | Span, page: Sequence[Fill], full: bool, new: int, now_ms: int
) -> Checkpoint:
    """``at`` after ``page``, which is by id and was the answer to ``wanted``."""
    seen = replace(at, pages=at.pages + 1, rows=at.rows + new)
    if page:
        next_id = TradeId(max(page[-1].trade_id + 1, at.next_trade_id or 0))
        seen = replace(seen, next_trade_id=next_id)
    if isinstance(wanted, Span):
        return _after_span(seen, wanted, page, full, now_ms).stored(now_ms)
    return _after_ids(seen, page, full, now_ms).stored(now_ms)


def _after_span(seen: Checkpoint, span: Span, page: Sequence[Fill], full: bool, now_ms: int) -> Checkpoint:
    if full:
        last_ms = max(trade.time_ms for trade in page)
        # One millisecond fills the page: time cannot go on, ids can.
        return replace(seen, cursor_ms=last_ms) if last_ms > span.from_ms else replace(seen, chunk=seen.chunks)
    if span.to_ms < seen.target_ms:
        cursor_ms = span.to_ms + 1
        return replace(seen, cursor_ms=cursor_ms, chunk=min(_chunk(seen, cursor_ms), seen.chunks - 1))
    return _arrived(replace(seen, chunk=seen.chunks), page, now_ms)


def _after_ids(seen: Checkpoint, page: Sequence[Fill], full: bool, now_ms: int) -> Checkpoint:
    if full:
        return replace(seen, cursor_ms=max(seen.cursor_ms, *(trade.time_ms for trade in page)))
    return _arrived(seen, page, now_ms)


def _arrived(seen: Checkpoint, page: Sequence[Fill], now_ms: int) -> Checkpoint:
    """At the present. A trade may be listed a little after its moment: the last minute is asked for again."""
    settled_ms = seen.target_ms - SETTLES_MS
    young = [trade.trade_id for trade in page if trade.time_ms > settled_ms]
    next_id = min(young) if young else seen.next_trade_id
    cursor_ms = max(seen.cursor_ms, settled_ms)
    return replace(seen, cursor_ms=cursor_ms, next_trade_id=next_id, caught_up_at_ms=now_ms)


def _towards(at: Checkpoint, now_ms: int) -> Checkpoint:
    target_ms = max(now_ms, at.cursor_ms)
    begun = replace(at, target_ms=target_ms, caught_up_at_ms=None, error="")
    if not is_walking(at) and at.pages:
        return begun
    return replace(begun, chunk=_chunk(begun, begun.cursor_ms), chunks=_chunk(begun, target_ms) + 1)


def _chunk(at: Checkpoint, time_ms: int) -> int:
    """How many whole weeks lie between the beginning and ``time_ms``."""
    return max(0, time_ms - at.from_ms) // LONGEST_SPAN_MS
