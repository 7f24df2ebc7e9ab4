"""Import the venue's books line by line: funding, commissions, transfers, rebates, everything that moved the wallet.

The venue lists lines with the oldest first and has no cursor but time. So a page begins in the very millisecond in
which the one before ended, and what is there already is not stored again. A page is stored before its checkpoint: a
run that dies in between asks for the page again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from undertow.domain.account import Account
from undertow.domain.ids import Symbol
from undertow.domain.imports import INCOME_STREAM, LONGEST_SPAN_MS, PAGE, Checkpoint, Span, trades_stream
from undertow.domain.income import Income
from undertow.domain.outcome import VenueReadFailed
from undertow.ports import Checkpoints, Clock, Incomes, Meter, Venues
from undertow.services.allowance import INCOME_WEIGHT, Allowance
from undertow.services.take_turn import TurnLost

BEGINNING_MS: Final = 1_577_836_800_000
"""2020: no venue that we trade at is older. One question finds the first line, wherever it is."""
SETTLES_MS: Final = 60_000
"""A line may be listed a little after its moment, so the last minute is asked for again."""
HOUR_MS: Final = 3_600_000
ASKED_AGAIN_MS: Final = ((24 * HOUR_MS, 48 * HOUR_MS), (HOUR_MS, 3 * HOUR_MS))
"""Some lines are listed much later (a rebate, a venue that was behind): the first run of a day asks again for the last
two days, the first of an hour for the last three hours. What is there already is not stored again."""


class HistoryTooDense(VenueReadFailed):
    """More lines of one kind in one millisecond than a page holds: they cannot be told apart, so nothing is skipped."""


@dataclass(frozen=True, slots=True)
class ImportIncome:
    incomes: Incomes
    checkpoints: Checkpoints
    venues: Venues
    clock: Clock
    meter: Meter
    page_size: int = PAGE

    def __call__(self, account: Account, allowance: Allowance) -> frozenset[Symbol]:
        """Go on from the checkpoint to now; return the markets that new lines name.

        Raises AllowanceSpent, TurnLost, HistoryTooDense, VenueUnreachable or VenueReadFailed: what was stored stays.
        """
        now_ms = self.clock.now_ms()
        checkpoint = self.checkpoints.get(account.id, INCOME_STREAM) or _unbegun(account, now_ms)
        checkpoint = replace(
            checkpoint,
            cursor_ms=_asked_from_ms(checkpoint, now_ms),
            target_ms=max(now_ms, checkpoint.cursor_ms),
            caught_up_at_ms=None,
            error="",
        )
        named: set[Symbol] = set()
        while checkpoint.caught_up_at_ms is None:
            page, cursor_ms = self._page(account, checkpoint, allowance)
            new = self.incomes.record(page)
            symbols = {row.symbol for row in page if row.symbol is not None}
            self._announce(account, symbols, page)
            named.update(row.symbol for row in new if row.symbol is not None)
            self.meter.count("incomes_imported", len(new))
            checkpoint = self._after(checkpoint, page, len(new), cursor_ms)
            if not self.checkpoints.save(checkpoint):
                raise TurnLost(f"incomes of {account.id}: another run imports them")
        return frozenset(named)

    def _page(self, account: Account, at: Checkpoint, allowance: Allowance) -> tuple[Sequence[Income], int | None]:
        """Lines from the cursor on, and from where to ask next; None when they reach to the target."""
        allowance.take(INCOME_WEIGHT)
        venue = self.venues.trading(account)
        page = venue.fetch_income_page(Span(at.cursor_ms, at.target_ms), self.page_size)
        if len(page) < self.page_size:
            return page, None
        last_ms = page[-1].time_ms
        if last_ms > at.cursor_ms:
            return page, last_ms
        return self._dense(account, page, allowance), last_ms + 1

    def _dense(self, account: Account, page: Sequence[Income], allowance: Allowance) -> Sequence[Income]:
        """A millisecond that fills a page is asked for kind by kind."""
        moment = Span(page[0].time_ms, page[0].time_ms)
        rows = list(page)
        for kind in sorted({row.venue_kind for row in page} | _KINDS):
            allowance.take(INCOME_WEIGHT)
            of_kind = self.venues.trading(account).fetch_income_page(moment, self.page_size, kind)
            if len(of_kind) >= self.page_size:
                raise HistoryTooDense(f"{len(of_kind)} lines or more of {kind} at {moment.from_ms} ms")
            rows += of_kind
        return rows

    def _after(self, at: Checkpoint, page: Sequence[Income], new: int, cursor_ms: int | None) -> Checkpoint:
        now_ms = self.clock.now_ms()
        first_ms = at.from_ms if at.pages or not page else page[0].time_ms
        reached_ms = max(at.cursor_ms, at.target_ms - SETTLES_MS) if cursor_ms is None else cursor_ms
        return replace(
            at,
            from_ms=first_ms,
            cursor_ms=reached_ms,
            pages=at.pages + 1,
            rows=at.rows + new,
            chunk=max(0, reached_ms - first_ms) // LONGEST_SPAN_MS,
            chunks=max(0, at.target_ms - first_ms) // LONGEST_SPAN_MS,
            caught_up_at_ms=now_ms if cursor_ms is None else None,
        ).stored(now_ms)

    def _announce(self, account: Account, symbols: set[Symbol], page: Sequence[Income]) -> None:
        """A market that a line names was traded: before its page counts as done, its trades are put on the list."""
        if not symbols:
            return
        known = {one.stream for one in self.checkpoints.of_account(account.id)}
        first_ms = page[0].time_ms
        for symbol in sorted(symbols):
            if trades_stream(symbol) not in known:
                self.checkpoints.save(unasked(account, symbol, first_ms, self.clock.now_ms()))


_KINDS: Final = frozenset({"TRANSFER", "REALIZED_PNL", "FUNDING_FEE", "COMMISSION", "INSURANCE_CLEAR", "WELCOME_BONUS"})


def _asked_from_ms(at: Checkpoint, now_ms: int) -> int:
    """Back only from where everything was imported: a run that was interrupted goes on."""
    if at.caught_up_at_ms is None:
        return at.cursor_ms
    for each_ms, back_ms in ASKED_AGAIN_MS:
        if now_ms // each_ms > at.caught_up_at_ms // each_ms:
            return max(at.from_ms, min(at.cursor_ms, now_ms - back_ms))
    return at.cursor_ms


def _unbegun(account: Account, now_ms: int) -> Checkpoint:
    return Checkpoint(
        account.id, INCOME_STREAM, BEGINNING_MS, BEGINNING_MS, now_ms, updated_at_ms=now_ms, run_started_at_ms=now_ms
    )


def unasked(account: Account, symbol: Symbol, from_ms: int, now_ms: int) -> Checkpoint:
    """Trades of ``symbol`` are to be imported, from ``from_ms`` at the latest."""
    begun = Checkpoint(
        account.id, trades_stream(symbol), from_ms, from_ms, now_ms, updated_at_ms=now_ms, run_started_at_ms=now_ms
    )
    return begun.stored(now_ms)
