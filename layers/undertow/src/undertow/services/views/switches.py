"""The switch of an account, and what closing everything on it would close."""

from collections.abc import Iterable
from decimal import Decimal

from typing_extensions import TypedDict

from undertow.domain.account import Account, Control, Mode, Switch
from undertow.domain.market import MarkPrice, PositionSide
from undertow.domain.numbers import ZERO, plain
from undertow.domain.order import Purpose
from undertow.domain.position import Position
from undertow.services.views.book import read_book
from undertow.services.views.render import EpochMs, Figure, figure
from undertow.services.views.sources import Sources


class SwitchRow(TypedDict):
    """``version`` is what a resume names as seen."""

    account: str
    state: Switch
    version: int
    since_ms: EpochMs
    by: str
    reason: str


class Switches(TypedDict):
    """Of every account that was asked for, as it stands now."""

    switches: list[SwitchRow]


class ClosingRow(TypedDict):
    symbol: str
    side: PositionSide
    quantity: Figure
    notional: Figure
    unrealized_pnl: Figure | None


class Closing(TypedDict):
    """In quote units. The profit or loss is null where a price is not known; ``entries`` are those under way."""

    account: str
    mode: Mode
    positions: list[ClosingRow]
    notional: Figure
    unrealized_pnl: Figure | None
    entries: int


def switches(controls: Iterable[Control]) -> Switches:
    return {"switches": [switch_row(control) for control in controls]}


def switch_row(control: Control) -> SwitchRow:
    return {
        "account": control.account,
        "state": control.switch,
        "version": control.version,
        "since_ms": control.since_ms,
        "by": control.by,
        "reason": control.reason,
    }


def closing(sources: Sources, account: Account) -> Closing:
    book = read_book(sources, account)
    held = list(book.positions)
    pnls = [_unrealized(position, book.mark_of(position.symbol)) for position in held]
    known = [pnl for pnl in pnls if pnl is not None]
    return {
        "account": account.id,
        "mode": account.mode,
        "positions": [_row(position, pnl) for position, pnl in zip(held, pnls, strict=True)],
        "notional": plain(sum((position.notional for position in held), ZERO)),
        # A sum of which a part is not known is not known.
        "unrealized_pnl": plain(sum(known, ZERO)) if len(known) == len(pnls) else None,
        "entries": sum(1 for order in book.orders.values() if order.intent.purpose is Purpose.ENTRY),
    }


def _unrealized(position: Position, mark: MarkPrice | None) -> Decimal | None:
    return None if mark is None else position.unrealized_pnl(mark.price)


def _row(position: Position, pnl: Decimal | None) -> ClosingRow:
    return {
        "symbol": position.symbol,
        "side": position.side,
        "quantity": plain(position.quantity),
        "notional": plain(position.notional),
        "unrealized_pnl": figure(pnl),
    }
