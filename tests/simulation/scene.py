"""What a trouble sees and reaches: the venue, the time, chance, and the account that it strikes."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Protocol, TypeVar

from local.venue.house import House
from local.venue.shocked import ShockedMarket

from undertow.adapters.paper.accounts import Position, TradingAccount
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.orders import EngineOrder
from undertow.domain.account import Account
from undertow.domain.ids import Symbol, is_ours

T = TypeVar("T")


class Scene(Protocol):
    """`tests.simulation.universe.Universe` is one."""

    @property
    def house(self) -> House: ...

    @property
    def random(self) -> Random: ...

    @property
    def now_ms(self) -> int: ...

    @property
    def account(self) -> Account: ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """``rows`` are those of the failure model. ``act`` does it and says whether there was anything to do it to.

    ``every_s`` is how often it comes, on average, in a run that has drawn it fully.
    """

    name: str
    rows: tuple[int, ...]
    every_s: float
    act: Callable[[Scene], bool]


def market(scene: Scene) -> ShockedMarket:
    found = scene.house.market
    assert isinstance(found, ShockedMarket), "prices are pushed in a shocked market"
    return found


def account(scene: Scene) -> TradingAccount:
    return scene.house.exchange.account(scene.account.id)


def positions(scene: Scene) -> list[Position]:
    return account(scene).open_positions()


def open_orders(scene: Scene, letters: str = "") -> list[EngineOrder]:
    """The account's open orders; with ``letters`` only ours of those purposes: e entry, s stop, t target, x exit."""
    orders = scene.house.exchange.floor.orders.open_of_account(scene.account.id)
    if not letters:
        return orders
    return [one for one in orders if is_ours(one.client_order_id) and one.client_order_id[3] in letters]


def any_symbol(scene: Scene) -> Symbol:
    return scene.random.choice(list(market(scene).symbols()))


def held_or_any_symbol(scene: Scene) -> Symbol:
    """Mostly where it hurts: a symbol with a position or an order of the account."""
    used = sorted({*(held.symbol for held in positions(scene)), *(order.symbol for order in open_orders(scene))})
    return scene.random.choice(used) if used and scene.random.random() < 0.8 else any_symbol(scene)


def chosen(scene: Scene, among: list[T]) -> T | None:
    return scene.random.choice(among) if among else None


def share(scene: Scene, low: float, high: float) -> Decimal:
    """A random decimal between the two, with four places."""
    return Decimal(round(scene.random.uniform(low, high) * 10_000)) / 10_000


def at_the_venue(scene: Scene, act: Callable[[int], object]) -> bool:
    """Do what an account may do there, at the venue's time; False when the venue refuses it."""
    house = scene.house
    house.advance(scene.now_ms)
    try:
        act(house.now_ms)
    except ExchangeError:
        return False
    finally:
        house.publish(house.now_ms)
    return True


def later(scene: Scene, low_s: float, high_s: float, act: Callable[[], object]) -> None:
    """Have the venue do ``act`` some seconds from now."""
    delay_ms = int(scene.random.uniform(low_s, high_s) * 1_000)
    scene.house.at(scene.now_ms + delay_ms, lambda: (act(), None)[1])
