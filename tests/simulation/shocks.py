"""What the market does to us: jumps, crashes, wicks, gaps, thin books, cascades, and nonsense in its data."""

from decimal import Decimal
from typing import Any, Final

from local.venue.happenings import Liquidated
from tests.simulation.scene import (
    Scene,
    Trouble,
    account,
    any_symbol,
    at_the_venue,
    chosen,
    held_or_any_symbol,
    later,
    market,
    open_orders,
    positions,
    share,
)

from undertow.adapters.paper.accounts import Position
from undertow.domain.ids import Symbol
from undertow.domain.market import Side
from undertow.domain.numbers import ONE, plain

# --- prices -----------------------------------------------------------------------------------------------------------


def jumps(scene: Scene) -> bool:
    """The price is 5 to 30 percent elsewhere from one beat to the next, and stays there."""
    return _pushed(scene, held_or_any_symbol(scene), _either_way(scene, 0.05, 0.3))


def crashes_and_recovers(scene: Scene) -> bool:
    symbol, factor = held_or_any_symbol(scene), _either_way(scene, 0.05, 0.35)
    later(scene, 2, 20, lambda: market(scene).push(symbol, ONE / factor))
    return _pushed(scene, symbol, factor)


def wicks(scene: Scene) -> bool:
    """The last price runs off for a second or two; the mark does not follow."""
    symbol, factor = held_or_any_symbol(scene), _either_way(scene, 0.1, 0.5)
    later(scene, 1, 2.5, lambda: market(scene).push(symbol, ONE / factor, ONE))
    return _pushed(scene, symbol, factor, ONE)


def mark_runs_off(scene: Scene) -> bool:
    """The mark moves, the trades do not."""
    symbol, factor = held_or_any_symbol(scene), _either_way(scene, 0.02, 0.12)
    later(scene, 2, 30, lambda: market(scene).push(symbol, ONE, ONE / factor))
    return _pushed(scene, symbol, ONE, factor)


def gaps_through_stop(scene: Scene) -> bool:
    """Past the stop of a position from one beat to the next, by up to four percent."""
    stop = chosen(scene, open_orders(scene, "s"))
    if stop is None or not stop.stop_price:
        return False
    beyond = share(scene, 0.001, 0.04)
    wanted = stop.stop_price * (ONE - beyond if stop.side is Side.SELL else ONE + beyond)
    return _pushed(scene, stop.symbol, wanted / market(scene).quote(stop.symbol).last)


def liquidates_us(scene: Scene) -> bool:
    """As far against a position as it takes until the venue closes it, if that is not out of this world."""
    held = chosen(scene, positions(scene))
    if held is None:
        return False
    price = scene.house.exchange.liquidation_price(scene.account.id, held)
    mark = market(scene).quote(held.symbol).mark
    wanted = price * (Decimal("0.998") if held.amount > 0 else Decimal("1.002"))
    if not Decimal("0.4") * mark < wanted < Decimal("2.5") * mark:
        return False
    return _pushed(scene, held.symbol, wanted / mark)


def comes_back(scene: Scene) -> bool:
    """A price that was pushed away returns at once to where it would have been."""
    away = [symbol for symbol in market(scene).symbols() if market(scene).pushed(symbol).price != ONE]
    symbol = chosen(scene, away)
    if symbol is None:
        return False
    push = market(scene).pushed(symbol)
    market(scene).push(symbol, ONE / push.price, ONE / push.mark)
    return True


def _pushed(scene: Scene, symbol: Symbol, price: Decimal, mark: Decimal | None = None) -> bool:
    """Never beyond a twentieth or twenty times of what the tape says."""
    before = market(scene).pushed(symbol)
    if not Decimal("0.05") < before.price * price < 20 or not Decimal("0.05") < before.mark * (mark or price) < 20:
        return False
    market(scene).push(symbol, price, mark)
    return True


def _either_way(scene: Scene, low: float, high: float) -> Decimal:
    moved = share(scene, low, high)
    return ONE - moved if scene.random.random() < 0.5 else ONE + moved


# --- books and trades -------------------------------------------------------------------------------------------------


def thins_out(scene: Scene) -> bool:
    """What takes then, takes many levels and may not find enough."""
    symbol = held_or_any_symbol(scene)
    market(scene).resize(symbol, Decimal(scene.random.choice(("0.0005", "0.002", "0.01"))))
    later(scene, 5, 40, lambda: market(scene).resize(symbol, ONE))
    return True


def fills_in_parts(scene: Scene) -> bool:
    """Somebody trades through one of our resting orders, and has not enough for all of it."""
    order = chosen(scene, [one for one in open_orders(scene, "ext") if not one.is_conditional and one.remaining])
    if order is None:
        return False
    house = scene.house
    lot = house.exchange.floor.contract(order.symbol).instrument.lot_size
    part = (order.remaining * share(scene, 0.1, 0.9)) // lot * lot
    tick = house.exchange.floor.contract(order.symbol).instrument.tick_size
    beyond = order.price - tick if order.side is Side.BUY else order.price + tick
    return part > 0 and at_the_venue(
        scene,
        lambda now_ms: house.exchange.on_print(order.symbol, beyond, part, order.side is Side.BUY, now_ms),
    )


def cascades(scene: Scene) -> bool:
    """A hundred and more liquidations of one side within seconds, each of them moving the market."""
    symbol, side = any_symbol(scene), scene.random.choice(("BUY", "SELL"))
    step = Decimal("0.9992") if side == "SELL" else Decimal("1.0008")
    number, length_ms = scene.random.randint(60, 200), scene.random.randint(1_500, 12_000)

    def strike() -> None:
        _pushed(scene, symbol, step)
        _tell(scene, symbol, _order(scene, symbol, side))

    for _ in range(number):
        scene.house.at(scene.now_ms + scene.random.randint(0, length_ms), strike)
    return True


# --- nonsense ---------------------------------------------------------------------------------------------------------

_NONSENSE: Final[tuple[tuple[str, Any], ...]] = (
    ("p", "0"),
    ("ap", "0"),
    ("ap", "-5"),
    ("p", "NaN"),
    ("ap", "1e400"),
    ("q", "-1"),
    ("q", "0"),
    ("z", "Infinity"),
    ("z", "1_000"),
    ("q", ""),
    ("q", None),
    ("q", 1.5),
    ("z", True),
    ("z", "9" * 40),
    ("S", "SIDEWAYS"),
    ("X", "NOT_A_STATE"),
    ("s", ""),
    ("T", "soon"),
    ("s", "１２USDT"),
)


def tells_nonsense(scene: Scene) -> bool:
    """A liquidation with one field that no liquidation has."""
    symbol = any_symbol(scene)
    name, value = scene.random.choice(_NONSENSE)
    _tell(scene, symbol, {**_order(scene, symbol, scene.random.choice(("BUY", "SELL"))), name: value})
    return True


def prices_a_hundredfold(scene: Scene) -> bool:
    """A liquidation whose price is far off every market, so that its worth is a hundred times too large or small."""
    symbol, factor = any_symbol(scene), Decimal(scene.random.choice(("100", "0.01", "1000000")))
    order = _order(scene, symbol, scene.random.choice(("BUY", "SELL")))
    _tell(scene, symbol, order | {name: plain(Decimal(order[name]) * factor) for name in ("p", "ap")})
    return True


def leaves_fields_out(scene: Scene) -> bool:
    symbol = any_symbol(scene)
    order = _order(scene, symbol, "SELL")
    order.pop(scene.random.choice(sorted(order.keys() - {"T"})))
    _tell(scene, symbol, order | {"newField": [1, {"deep": None}]})
    return True


def tells_of_strangers(scene: Scene) -> bool:
    """A liquidation of a symbol that is not listed, or not any more."""
    symbol = Symbol(scene.random.choice(("GONEUSDT", "XUSD_261225", "1000𝕏USDT")))
    _tell(scene, symbol, {**_order(scene, any_symbol(scene), "SELL"), "s": symbol})
    return True


def _order(scene: Scene, symbol: Symbol, side: str) -> dict[str, Any]:
    last, now_ms = market(scene).quote(symbol).last, scene.house.now_ms
    quantity = plain((Decimal(scene.random.randint(500, 6_000)) / last).quantize(Decimal("0.001")))
    price = plain(last)
    figures = {"q": quantity, "p": price, "ap": price, "X": "FILLED", "l": quantity, "z": quantity, "T": now_ms}
    return {"s": symbol, "S": side, "o": "LIMIT", "f": "IOC", **figures}


def _tell(scene: Scene, symbol: Symbol, order: dict[str, Any]) -> None:
    now_ms = scene.house.now_ms
    scene.house.tell(Liquidated(now_ms, symbol, {"e": "forceOrder", "E": now_ms, "o": order}))


# --- the venue's own trades and payments ------------------------------------------------------------------------------


def deleverages_us(scene: Scene) -> bool:
    """Auto-deleveraging of all or part of a winning position."""
    held = chosen(scene, positions(scene))
    if held is None:
        return False
    quantity = abs(held.amount) if scene.random.random() < 0.5 else _half(scene, held)
    exchange = scene.house.exchange
    return at_the_venue(scene, lambda now_ms: exchange.deleverage(scene.account.id, held, quantity, now_ms))


def _half(scene: Scene, held: Position) -> Decimal:
    lot = scene.house.exchange.floor.contract(held.symbol).instrument.lot_size
    return max(lot, abs(held.amount) / 2 // lot * lot)


def funding_is_due(scene: Scene) -> bool:
    held = chosen(scene, positions(scene))
    if held is None:
        return False
    rate, exchange = share(scene, -0.005, 0.005), scene.house.exchange
    return at_the_venue(scene, lambda now_ms: exchange.on_funding(held.symbol, rate, now_ms))


def calls_for_margin(scene: Scene) -> bool:
    """An isolated position is brought near its end, and nobody closes it."""
    held = chosen(scene, [one for one in positions(scene) if account(scene).is_isolated(one.symbol)])
    if held is None:
        return False
    price = scene.house.exchange.liquidation_price(scene.account.id, held)
    mark = market(scene).quote(held.symbol).mark
    wanted = mark + (price - mark) * Decimal("0.85")
    later(scene, 5, 30, lambda: market(scene).push(held.symbol, mark / wanted))
    return wanted > 0 and _pushed(scene, held.symbol, wanted / mark)


SHOCKS: Final = (
    Trouble("price_jumps", (36, 41), 90, jumps),
    Trouble("price_crashes_and_recovers", (36, 41), 60, crashes_and_recovers),
    Trouble("price_wicks", (36, 82), 60, wicks),
    Trouble("mark_runs_off", (41, 82), 60, mark_runs_off),
    Trouble("price_gaps_through_stop", (41, 40), 25, gaps_through_stop),
    Trouble("price_comes_back", (36,), 60, comes_back),
    Trouble("we_are_liquidated", (16,), 40, liquidates_us),
    Trouble("we_are_deleveraged", (16,), 30, deleverages_us),
    Trouble("margin_is_called", (16,), 40, calls_for_margin),
    Trouble("funding_is_due", (17,), 20, funding_is_due),
    Trouble("book_thins_out", (45, 32), 40, thins_out),
    Trouble("fills_in_parts", (32,), 5, fills_in_parts),
    Trouble("liquidations_cascade", (7,), 90, cascades),
    Trouble("liquidation_is_nonsense", (4, 81), 20, tells_nonsense),
    Trouble("liquidation_lacks_fields", (4,), 30, leaves_fields_out),
    Trouble("liquidation_is_a_hundredfold", (82,), 60, prices_a_hundredfold),
    Trouble("liquidation_of_a_stranger", (31, 4), 60, tells_of_strangers),
)
