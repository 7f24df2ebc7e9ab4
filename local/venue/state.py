"""Keeps accounts, orders and positions over an orderly stop, as JSON text that a person can read."""

from dataclasses import dataclass
from pathlib import Path

from local.venue.house import House
from pydantic import TypeAdapter

from undertow.adapters.paper.accounts import Income, MarginChange, Trade, TradingAccount
from undertow.adapters.paper.book import Book, Quote
from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.floor import Ids
from undertow.adapters.paper.market_maker_protection import Protection
from undertow.adapters.paper.orders import EngineOrder
from undertow.adapters.paper.strategy import Strategy


@dataclass(frozen=True, slots=True)
class Listing:
    """A symbol with an order or a position, and where its market stood."""

    contract: Contract
    quote: Quote


@dataclass(frozen=True, slots=True)
class Saved:
    """``tape`` and ``tape_position_ms`` say where the market stood, so that prices go on from there."""

    tape: str
    tape_position_ms: int
    tape_finished: bool
    ids: Ids
    accounts: list[TradingAccount]
    orders: list[EngineOrder]
    trades: list[Trade]
    incomes: list[Income]
    margin_changes: list[MarginChange]
    strategies: list[Strategy]
    protections: list[Protection]
    listings: list[Listing]


_SAVED = TypeAdapter(Saved)


def save(house: House, path: Path) -> None:
    """Write the state beside ``path`` first, then put it in place in one step."""
    floor, progress = house.exchange.floor, house.market.progress()
    saved = Saved(
        tape=progress.name,
        tape_position_ms=progress.position_ms,
        tape_finished=progress.finished,
        ids=floor.ids,
        accounts=list(floor.accounts.values()),
        orders=list(floor.orders.all.values()),
        trades=floor.trades,
        incomes=floor.incomes,
        margin_changes=floor.margin_changes,
        strategies=list(house.exchange.strategies.all.values()),
        protections=list(house.exchange.protections.all.values()),
        listings=[
            Listing(floor.contract(symbol), floor.book(symbol).quote) for symbol in sorted(house.symbols_in_use())
        ],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.write_bytes(_SAVED.dump_json(saved, indent=1))
    draft.replace(path)


def read(path: Path) -> Saved | None:
    """None when there is nothing yet. A file that cannot be understood is an error: it may hold open positions."""
    return _SAVED.validate_json(path.read_bytes()) if path.exists() else None


def restore(house: House, saved: Saved) -> None:
    """Put everything back. What is open in a symbol that the new tape does not know stands at its last price."""
    floor = house.exchange.floor
    floor.ids.order = max(floor.ids.order, saved.ids.order)
    floor.ids.trade = max(floor.ids.trade, saved.ids.trade)
    floor.ids.transaction = max(floor.ids.transaction, saved.ids.transaction)
    floor.ids.priority = saved.ids.priority
    floor.accounts.update({account.id: account for account in saved.accounts})
    for order in saved.orders:
        floor.orders.add(order)
    floor.trades[:] = saved.trades
    floor.incomes[:] = saved.incomes
    floor.margin_changes[:] = saved.margin_changes
    house.exchange.strategies.all.update({each.id: each for each in saved.strategies})
    house.exchange.protections.resume(saved.protections)
    # Every book first, without consequences: an account is judged by the marks of all its positions together.
    for listing in saved.listings:
        symbol = listing.contract.symbol
        book = floor.books.setdefault(symbol, Book(listing.contract))
        book.move(house.market.quote(symbol) if symbol in house.listed else listing.quote)
    house.follow()
    house.watch.resume(house.now_ms)
