"""What stands against new entries of one account: its switch, its venue, its books, its caps and its positions."""

from collections.abc import Iterator

from undertow.domain.account import Mode, Switch
from undertow.domain.numbers import plain
from undertow.risk.budget import portfolio_cap
from undertow.risk.limits import FORCED_PAUSE_MS, HARD_MAX_BALANCE_AGE_MS, MAX_PROOF_AGE_MS
from undertow.risk.proof import GATE, unproven_account
from undertow.services.views.book import Book
from undertow.services.views.standing import Standing


def of_account(book: Book) -> Iterator[Standing]:
    yield from _switched(book)
    yield from _venue(book)
    for kind, block in book.guard.blocks.items():
        yield Standing(kind.value, _account(book), block.since_ms, block.reason, block.clears, block.inputs)
    yield from _unproven(book)
    yield from _forced(book)
    yield from _balance(book)
    yield from _caps(book)
    yield from _unprotected(book)


def _account(book: Book) -> str:
    return f"account {book.account.id}"


def _switched(book: Book) -> Iterator[Standing]:
    control = book.control
    if control.admits_entries:
        return
    clears = {
        Switch.FLATTEN: "everything is closed and a person resumes the account",
        Switch.CLOSE_ONLY: "a person resumes the account",
    }.get(control.switch, "a person resumes the account: `undertow resume`, or the button")
    since_ms = control.since_ms or None
    inputs = {"by": control.by, "version": str(control.version)}
    yield Standing(control.switch.value, _account(book), since_ms, control.reason, clears, inputs)


def _venue(book: Book) -> Iterator[Standing]:
    health = book.health
    if not health.blocks(book.now_ms):
        return
    what = "nothing may be opened" if health.entries_only else "the venue may not be called"
    yield Standing(
        "venue_failure",
        f"venue {book.account.venue.value}",
        None,
        f"{what}: {health.reason}",
        "by itself when the time is over, unless the cause goes on",
        {"until_ms": str(health.blocked_until_ms), "entries_only": str(health.entries_only).lower()},
    )


def _unproven(book: Book) -> Iterator[Standing]:
    """Simulating accounts are at no venue: there is nothing that the ledger could differ from."""
    if book.account.mode is Mode.SIMULATE:
        return
    clears = "reconciliation proves it again, every minute: `undertow reconcile` shows what it found"
    refused = unproven_account(book.guard, book.now_ms, MAX_PROOF_AGE_MS)
    if refused is not None:
        yield Standing(GATE, _account(book), None, refused.reason, clears, refused.inputs)
        return
    for symbol, doubt in book.guard.proof.unproven.items() if book.guard.proof is not None else ():
        yield Standing(GATE, f"{symbol} of account {book.account.id}", None, doubt, clears)


def _forced(book: Book) -> Iterator[Standing]:
    for symbol, at_ms in sorted(book.guard.forced.items()):
        if book.now_ms - at_ms < FORCED_PAUSE_MS:
            yield Standing(
                "forced_close",
                f"{symbol} of account {book.account.id}",
                at_ms,
                "the venue closed a position of the symbol by force",
                "by itself, an hour after it happened",
                {"pause_ms": str(FORCED_PAUSE_MS)},
            )


def _balance(book: Book) -> Iterator[Standing]:
    clears = "the venue's balance is read again; reconciliation does so every minute"
    if book.balance is None:
        yield Standing("stale_balance", _account(book), None, "the account's balance is not known yet", clears)
        return
    age_ms = book.now_ms - book.balance.time_ms
    if age_ms > HARD_MAX_BALANCE_AGE_MS:
        since_ms = book.balance.time_ms + HARD_MAX_BALANCE_AGE_MS
        inputs = {"age_ms": str(age_ms), "max_age_ms": str(HARD_MAX_BALANCE_AGE_MS)}
        yield Standing("stale_balance", _account(book), since_ms, "the account's balance is too old", clears, inputs)


def _caps(book: Book) -> Iterator[Standing]:
    totals, limits = book.totals, book.limits
    if book.equity is not None:
        cap = portfolio_cap(limits.risk, book.equity)
        if totals.risk >= cap:
            yield Standing(
                "portfolio_risk",
                _account(book),
                None,
                "the whole risk budget is reserved; layers of open ladders still draw on their own reserve",
                "a position closes, layers are given up, a stop is tightened or equity grows",
                {"reserved": plain(totals.risk), "cap": plain(cap), "equity": plain(book.equity)},
            )
    if limits.max_positions and totals.slots >= limits.max_positions:
        inputs = {"positions": str(totals.slots), "max_positions": str(limits.max_positions)}
        reason = "the account has as many positions as it may have; those that are open may still grow"
        yield Standing("max_positions", _account(book), None, reason, "a position closes", inputs)
    for kind, used, cap in (
        ("max_total_margin", totals.margin, limits.max_total_margin),
        ("max_total_notional", totals.notional, limits.max_total_notional),
    ):
        if used >= cap:
            reason = f"the cap on {kind.removeprefix('max_').replace('_', ' ')} is used up"
            yield Standing(
                kind, _account(book), None, reason, "a position closes", {"used": plain(used), "cap": plain(cap)}
            )


def _unprotected(book: Book) -> Iterator[Standing]:
    """Says what is in danger. Protection tries on by itself; after the set time it closes the position."""
    for position in book.positions:
        if position.unprotected_since_ms is not None:
            yield Standing(
                "unprotected",
                f"{position.symbol} {position.side.value} of account {book.account.id}",
                position.unprotected_since_ms,
                "no stop stands at the venue for this position",
                "the stop is confirmed, or the position is closed at market",
                {"quantity": plain(position.quantity), "entry_price": plain(position.entry_price)},
            )
