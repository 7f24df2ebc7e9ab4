"""What a changed row means to somebody who looks at the page: the same fields as the API's lists have.

Mark prices are not asked for: what depends on them is null, and the page knows younger ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from undertow.domain.account import Balance, Control, VenueHealth
from undertow.domain.alert import Alert
from undertow.domain.decision import Decision
from undertow.domain.feed import Change, News, NewsKind
from undertow.domain.fill import Fill
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.json_text import Json
from undertow.domain.market import Liquidation
from undertow.domain.order import Order
from undertow.domain.position import Slot
from undertow.domain.request import OperatorRequest
from undertow.services.views import render
from undertow.services.views.blocks import standing_blocks
from undertow.services.views.book import Book, read_book
from undertow.services.views.decisions import decision_row
from undertow.services.views.liquidations import tape_row
from undertow.services.views.now import alert_now, block_now, money_now, position_now
from undertow.services.views.requests import request_row
from undertow.services.views.risk import budget
from undertow.services.views.sources import Sources, UnknownAccount
from undertow.services.views.switches import switch_row
from undertow.services.views.trades import fill_row


@dataclass(frozen=True, slots=True)
class Describe:
    sources: Sources

    def __call__(self, changes: Sequence[Change]) -> list[News]:
        """In the order of the changes; what follows from all of them together comes last, once for each account.

        Raises NoParameters and StoreBusy.
        """
        batch = _Batch(self.sources, self.sources.clock.now_ms())
        news = [one for change in changes for one in batch.of(change)]
        return [*news, *batch.of_accounts()]


@dataclass(slots=True)
class _Batch:
    """Several changes at once: each account's book is read once for all of them."""

    sources: Sources
    now_ms: int
    _books: dict[AccountId, Book | None] = field(default_factory=dict)
    _risky: dict[AccountId, None] = field(default_factory=dict)
    _blocking: bool = False

    def of(self, change: Change) -> Iterator[News]:
        match change:
            case Liquidation():
                yield self._news(
                    NewsKind.LIQUIDATION, None, tape_row(change, self._is_watched(change)), change.event_time_ms
                )
            case Decision():
                yield self._news(NewsKind.DECISION, change.account, decision_row(change), change.decided_at_ms)
            case Order():
                yield self._news(NewsKind.ORDER, change.intent.account, render.order(change, self.now_ms))
            case Fill():
                row = {"position_side": change.position_side, "symbol": change.symbol, **fill_row(change)}
                yield self._news(NewsKind.FILL, change.account, row, change.time_ms)
            case Slot():
                yield from self._of_slot(change)
            case Balance():
                book = self._book(change.account)
                if book is not None:
                    yield self._news(NewsKind.BALANCE, change.account, money_now(book) or {}, change.time_ms)
                self._risky[change.account] = None
            case Control():
                self._blocking = True
                yield self._news(NewsKind.SWITCH, change.account, switch_row(change), change.since_ms)
            case AccountGuard() | VenueHealth():
                self._blocking = True
            case OperatorRequest():
                yield self._news(NewsKind.REQUEST, change.account, request_row(change, self.now_ms))
            case Alert():
                yield self._news(NewsKind.ALERT, None, {**alert_now(change), "open": change.is_open}, change.last_ms)

    def of_accounts(self) -> Iterator[News]:
        for account in self._risky:
            book = self._book(account)
            if book is not None:
                yield self._news(NewsKind.RISK, account, budget(book))
        if self._blocking:
            books = [self._book(account.id) for account in self.sources.accounts(None)]
            standing = standing_blocks(
                self.sources, self.sources.params.current(), [book for book in books if book is not None], self.now_ms
            )
            rows = [cast(Json, block_now(one)) for one in standing]
            yield self._news(NewsKind.TRADE_BLOCK, None, {"blocks": rows})

    def _of_slot(self, slot: Slot) -> Iterator[News]:
        """``open`` is false for a side that holds nothing: its row goes away."""
        self._risky[slot.account] = None
        row: Mapping[str, object] = {"symbol": slot.symbol, "side": slot.side, "account": slot.account}
        book = self._book(slot.account)
        if slot.position is not None and book is not None:
            row = position_now(book, slot, slot.position)
        yield self._news(NewsKind.POSITION, slot.account, {**row, "open": slot.position is not None})

    def _book(self, account: AccountId) -> Book | None:
        """None for an account that is not configured any more: its rows stay, and nobody looks at them."""
        if account not in self._books:
            try:
                (found,) = self.sources.accounts(account)
                self._books[account] = read_book(self.sources, found, with_marks=False)
            except UnknownAccount:
                self._books[account] = None
        return self._books[account]

    def _is_watched(self, liquidation: Liquidation) -> bool:
        return Symbol(liquidation.symbol) in self.sources.params.current().measurements(liquidation.venue)

    def _news(self, kind: NewsKind, account: str | None, row: Mapping[str, object], at_ms: int | None = None) -> News:
        return News(kind, self.now_ms if at_ms is None else at_ms, account, cast(Mapping[str, Json], row))
