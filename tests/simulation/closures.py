"""What the venue itself does: rules that change under way, symbols that stop, doors that close, a clock that is off."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from local.venue.faults import Fault
from local.venue.house import House
from local.venue.shocked import ShockedMarket
from tests.simulation.scene import Scene, Trouble, at_the_venue, chosen, held_or_any_symbol, later, open_orders

from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.events import Execution
from undertow.adapters.paper.floor import Rules
from undertow.adapters.paper.settlement import end
from undertow.domain.ids import Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.numbers import ONE

_ADDRESS: Final = "127.0.0.1"

# --- rules of a symbol ------------------------------------------------------------------------------------------------


def _relisted(
    scene: Scene, symbol: Symbol, change: Callable[[Contract], Contract], low_s: float, high_s: float
) -> bool:
    """The symbol has other rules for a while; a symbol with changed rules is left alone."""
    books, listed = scene.house.exchange.floor.books, scene.house.market.contract(symbol)
    if books[symbol].contract != listed:
        return False
    books[symbol].contract = change(listed)

    def back() -> None:
        books[symbol].contract = listed

    later(scene, low_s, high_s, back)
    return True


def _ruled(scene: Scene, change: Callable[[Instrument], Instrument], low_s: float, high_s: float) -> bool:
    return _relisted(
        scene,
        held_or_any_symbol(scene),
        lambda contract: replace(contract, instrument=change(contract.instrument)),
        low_s,
        high_s,
    )


def settles(scene: Scene) -> bool:
    """No positions are opened any more; closing is still possible."""
    return _ruled(scene, lambda known: replace(known, status="SETTLING"), 20, 120)


def breaks(scene: Scene) -> bool:
    return _ruled(scene, lambda known: replace(known, status="BREAK"), 10, 90)


def halts(scene: Scene) -> bool:
    """Nothing can be ordered at all, not even an exit."""
    return _ruled(scene, lambda known: replace(known, status="CLOSE"), 5, 20)


def coarsens_ticks(scene: Scene) -> bool:
    return _ruled(scene, lambda known: replace(known, tick_size=known.tick_size * 10), 30, 240)


def coarsens_lots(scene: Scene) -> bool:
    """Quantities of the old grid cannot be ordered any more; positions of it can be closed as a whole."""

    def change(known: Instrument) -> Instrument:
        lot = known.lot_size * 10
        return replace(known, lot_size=lot, min_quantity=lot, market_lot_size=lot, market_min_quantity=lot)

    return _ruled(scene, change, 20, 120)


def raises_least_notional(scene: Scene) -> bool:
    least = Decimal(scene.random.choice((20, 75, 150)))
    return _ruled(scene, lambda known: replace(known, min_notional=least), 30, 240)


def narrows_prices(scene: Scene) -> bool:
    """PERCENT_PRICE becomes tight: limit prices may hardly leave the mark."""
    up, down = Decimal("1.003"), Decimal("0.997")
    return _ruled(scene, lambda known: replace(known, price_multiplier_up=up, price_multiplier_down=down), 20, 120)


def lowers_leverage(scene: Scene) -> bool:
    most = scene.random.choice((2, 4, 8))

    def change(contract: Contract) -> Contract:
        tiers = tuple(replace(tier, max_leverage=min(tier.max_leverage, most)) for tier in contract.brackets)
        return replace(contract, brackets=tiers)

    return _relisted(scene, held_or_any_symbol(scene), change, 30, 240)


def takes_no_more_stops(scene: Scene) -> bool:
    """The most conditional orders that a symbol may have is what it has now, or one."""
    return _ruled(scene, lambda known: replace(known, max_algo_orders=scene.random.choice((1, 2))), 10, 60)


def takes_no_more_orders(scene: Scene) -> bool:
    return _ruled(scene, lambda known: replace(known, max_orders=scene.random.choice((1, 2, 3))), 10, 60)


# --- rules of the venue -----------------------------------------------------------------------------------------------


def _changed_rules(scene: Scene, change: Callable[[Rules], Rules]) -> bool:
    floor = scene.house.exchange.floor
    before = floor.rules
    changed = change(before)
    if changed == before or before != Rules():
        return False
    floor.rules = changed

    def back() -> None:
        floor.rules = before

    later(scene, 20, 180, back)
    return True


def admits_one_close_order(scene: Scene) -> bool:
    return _changed_rules(scene, lambda rules: replace(rules, single_close_position=True))


def clears_close_orders(scene: Scene) -> bool:
    return _changed_rules(scene, lambda rules: replace(rules, close_orders_expire_when_flat=True))


def forgets_ended_orders(scene: Scene) -> bool:
    """What ended without a fill is known no more after a while: a week here comes to the minutes that a run lasts."""
    return _changed_rules(
        scene, lambda rules: replace(rules, history_ms=scene.random.choice((30_000, 60_000, 120_000)))
    )


def expires_an_order(scene: Scene) -> bool:
    """One of our orders ends without anybody having asked for it."""
    order = chosen(scene, open_orders(scene, "est"))
    if order is None:
        return False
    floor = scene.house.exchange.floor

    def expire(now_ms: int) -> None:
        """The venue's time ran on to now before this: what filled meanwhile does not expire."""
        if order.status.is_open:
            end(floor, order, Execution.EXPIRED, now_ms)

    return at_the_venue(scene, expire)


# --- doors ------------------------------------------------------------------------------------------------------------


def _shut(scene: Scene, fault: Fault, low_s: float, high_s: float) -> bool:
    if fault in scene.house.faults.active:
        return False
    scene.house.faults.active[fault] = scene.random.uniform(low_s, high_s)
    return True


def is_maintained(scene: Scene) -> bool:
    """503 for everything."""
    return _shut(scene, Fault.MAINTENANCE_S, 10, 60)


def refuses_the_key(scene: Scene) -> bool:
    return _shut(scene, Fault.KEY_REFUSED_S, 10, 90)


def clock_is_off(scene: Scene) -> bool:
    """The clock by which the venue judges requests runs ahead or behind for a while."""
    house = scene.house
    if house.clock_off_ms:
        return False
    house.clock_off_ms = scene.random.choice((-1, 1)) * scene.random.choice((300, 900, 2_000, 12_000))

    def back() -> None:
        house.clock_off_ms = 0

    later(scene, 5, 60, back)
    return True


def address_is_spent(scene: Scene) -> bool:
    """The address has used up its minute, by somebody else behind it."""
    house = scene.house
    house.limits.exhaust(_ADDRESS, house.now_ms)
    return True


def all_is_open(house: House) -> None:
    """Every rule is what it was at the beginning, every door open, every book as thick as the tape's.

    And the mark is where the trades are: a venue that refuses market orders for a mark that never comes back is not
    calm.
    """
    floor, moved = house.exchange.floor, house.market
    for symbol, book in floor.books.items():
        book.contract = moved.contract(symbol)
        if isinstance(moved, ShockedMarket):
            moved.resize(symbol, ONE)
    if isinstance(moved, ShockedMarket):
        moved.bring_together()
    floor.rules = Rules()
    house.clock_off_ms = 0
    house.faults.set({})


CLOSURES: Final = (
    Trouble("symbol_settles", (31,), 90, settles),
    Trouble("symbol_breaks", (31,), 90, breaks),
    Trouble("symbol_halts", (31,), 120, halts),
    Trouble("ticks_coarsen", (29, 30), 90, coarsens_ticks),
    Trouble("lots_coarsen", (29, 30), 90, coarsens_lots),
    Trouble("least_notional_rises", (29, 30), 90, raises_least_notional),
    Trouble("prices_are_narrowed", (29, 45), 90, narrows_prices),
    Trouble("leverage_is_lowered", (30, 38), 90, lowers_leverage),
    Trouble("no_more_stops", (44,), 60, takes_no_more_stops),
    Trouble("no_more_orders", (44,), 60, takes_no_more_orders),
    Trouble("one_close_order_only", (42,), 90, admits_one_close_order),
    Trouble("close_orders_cleared", (43,), 90, clears_close_orders),
    Trouble("ended_orders_forgotten", (22,), 90, forgets_ended_orders),
    Trouble("order_expires", (15, 48), 15, expires_an_order),
    Trouble("venue_is_maintained", (25,), 120, is_maintained),
    Trouble("key_is_refused", (27,), 120, refuses_the_key),
    Trouble("venue_clock_is_off", (26,), 90, clock_is_off),
    Trouble("address_is_spent", (23,), 120, address_is_spent),
)
