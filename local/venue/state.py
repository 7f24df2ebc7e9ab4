"""Keeps accounts, orders and positions over an orderly stop, as JSON text that a person can read."""

from dataclasses import dataclass
from pathlib import Path

from local.venue.house import House
from pydantic import TypeAdapter

from undertow.adapters.paper.accounts import Income, MarginChange, Trade, TradingAccount
from undertow.adapters.paper.floor import Ids
from undertow.adapters.paper.market_maker_protection import Protection
from undertow.adapters.paper.orders import EngineOrder
from undertow.adapters.paper.strategy import Strategy


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
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.write_bytes(_SAVED.dump_json(saved, indent=1))
    draft.replace(path)


def read(path: Path) -> Saved | None:
    """None when there is nothing yet. A file that cannot be understood is an error: it may hold open positions."""
    return _SAVED.validate_json(path.read_bytes()) if path.exists() else None


def restore(house: House, saved: Saved) -> None:
    """Put everything back. Symbols that are not listed any more keep their history but can have nothing open."""
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
    for symbol in house.symbols_in_use():
        floor.books[symbol].move(house.market.quote(symbol))
    house.follow()
    house.watch.resume(house.now_ms)
