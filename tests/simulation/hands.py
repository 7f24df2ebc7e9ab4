"""The owner's own hands at the venue: orders, positions, settings and money, beside what the system does."""

from decimal import Decimal
from typing import Final

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

from undertow.adapters.paper.accounts import ASSET, Position
from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.margin import standing
from undertow.adapters.paper.orders import EngineOrder, OrderRequest
from undertow.domain.account import MarginType
from undertow.domain.ids import Symbol
from undertow.domain.market import Side
from undertow.domain.order import OrderType, TimeInForce

# --- positions --------------------------------------------------------------------------------------------------------


def opens(scene: Scene) -> bool:
    symbol, side = any_symbol(scene), scene.random.choice((Side.BUY, Side.SELL))
    return _at_market(scene, symbol, side, _opening_leg(scene, side), _sized(scene, symbol, share(scene, 10, 120)))


def closes(scene: Scene) -> bool:
    held = chosen(scene, positions(scene))
    return held is not None and _at_market(scene, held.symbol, held.exit_side, held.leg, abs(held.amount))


def reduces(scene: Scene) -> bool:
    held = chosen(scene, positions(scene))
    if held is None:
        return False
    part = _lots(scene, held.symbol, abs(held.amount) * share(scene, 0.2, 0.9))
    return part > 0 and _at_market(scene, held.symbol, held.exit_side, held.leg, part)


def adds(scene: Scene) -> bool:
    held = chosen(scene, positions(scene))
    if held is None:
        return False
    part = _lots(scene, held.symbol, abs(held.amount) * share(scene, 0.5, 2))
    return part > 0 and _at_market(scene, held.symbol, held.exit_side.opposite, held.leg, part)


def flips(scene: Scene) -> bool:
    """One-way mode only: a trade of twice the position turns it round."""
    held = chosen(scene, [one for one in positions(scene) if one.leg is Leg.BOTH])
    return held is not None and _at_market(scene, held.symbol, held.exit_side, held.leg, 2 * abs(held.amount))


def _at_market(scene: Scene, symbol: Symbol, side: Side, leg: Leg, quantity: Decimal) -> bool:
    return _placed(scene, OrderRequest(symbol, side, OrderType.MARKET, leg=leg, quantity=quantity))


def _placed(scene: Scene, request: OrderRequest) -> bool:
    house = scene.house

    def place(now_ms: int) -> None:
        house.refresh(request.symbol)
        house.exchange.place(scene.account.id, request, now_ms)

    return at_the_venue(scene, place)


def _opening_leg(scene: Scene, side: Side) -> Leg:
    if not account(scene).hedge:
        return Leg.BOTH
    return Leg.LONG if side is Side.BUY else Leg.SHORT


def _sized(scene: Scene, symbol: Symbol, notional: Decimal) -> Decimal:
    return _lots(scene, symbol, notional / market(scene).quote(symbol).last)


def _lots(scene: Scene, symbol: Symbol, quantity: Decimal) -> Decimal:
    return scene.house.exchange.floor.contract(symbol).instrument.quantity_below(quantity)


# --- orders -----------------------------------------------------------------------------------------------------------


def cancels_stop(scene: Scene) -> bool:
    return _canceled(scene, chosen(scene, open_orders(scene, "s")))


def cancels_target(scene: Scene) -> bool:
    return _canceled(scene, chosen(scene, open_orders(scene, "t")))


def cancels_entry(scene: Scene) -> bool:
    return _canceled(scene, chosen(scene, open_orders(scene, "e")))


def cancels_all(scene: Scene) -> bool:
    order = chosen(scene, open_orders(scene))
    if order is None:
        return False
    return at_the_venue(scene, lambda now_ms: scene.house.exchange.cancel_all(order.account, order.symbol, now_ms))


def _canceled(scene: Scene, order: EngineOrder | None) -> bool:
    if order is None:
        return False
    exchange = scene.house.exchange
    return at_the_venue(scene, lambda now_ms: exchange.cancel(order.account, order.symbol, order.id, None, now_ms))


def moves_entry(scene: Scene) -> bool:
    """Our resting entry gets another price, not another size."""
    order = chosen(scene, open_orders(scene, "e"))
    if order is None:
        return False
    price = scene.house.exchange.floor.contract(order.symbol).instrument.price_below(
        order.price * share(scene, 0.995, 1.005)
    )
    exchange = scene.house.exchange
    return at_the_venue(
        scene,
        lambda now_ms: exchange.modify(order.account, order.symbol, order.id, None, order.quantity, price, now_ms),
    )


def guards_himself(scene: Scene) -> bool:
    """A stop of the owner's own beside ours."""
    held = chosen(scene, positions(scene))
    if held is None:
        return False
    away = share(scene, 0.93, 0.98) if held.amount > 0 else share(scene, 1.02, 1.07)
    stop = _on_grid(scene, held, away)
    return _placed(
        scene,
        OrderRequest(
            held.symbol, held.exit_side, OrderType.STOP_MARKET, leg=held.leg, stop_price=stop, close_position=True
        ),
    )


def rests_an_order(scene: Scene) -> bool:
    """A limit order by hand, near enough to the market that it may fill."""
    symbol, side = any_symbol(scene), scene.random.choice((Side.BUY, Side.SELL))
    away = share(scene, 0.99, 0.999) if side is Side.BUY else share(scene, 1.001, 1.01)
    instrument = scene.house.exchange.floor.contract(symbol).instrument
    price = instrument.price_below(market(scene).quote(symbol).last * away)
    quantity = _sized(scene, symbol, share(scene, 10, 80))
    leg = _opening_leg(scene, side)
    return _placed(
        scene,
        OrderRequest(symbol, side, OrderType.LIMIT, leg, TimeInForce.GTC, quantity, price),
    )


def _on_grid(scene: Scene, held: Position, away: Decimal) -> Decimal:
    instrument = scene.house.exchange.floor.contract(held.symbol).instrument
    return instrument.price_below(market(scene).quote(held.symbol).last * away)


# --- settings ---------------------------------------------------------------------------------------------------------


def toggles_mode(scene: Scene) -> bool:
    """Only a flat account without orders may; some time later it is toggled back, as soon as that is possible."""
    exchange, hedge = scene.house.exchange, account(scene).hedge

    def back() -> None:
        if account(scene).hedge is not hedge and not _set_mode(scene, hedge):
            later(scene, 5, 10, back)

    def toggle(now_ms: int) -> None:
        exchange.set_position_mode(scene.account.id, not hedge, now_ms)

    if not at_the_venue(scene, toggle):
        return False
    later(scene, 10, 90, back)
    return True


def _set_mode(scene: Scene, hedge: bool) -> bool:
    """From within the venue's own course: False when it is refused."""
    if open_orders(scene) or positions(scene):
        return False
    scene.house.exchange.set_position_mode(scene.account.id, hedge, scene.house.now_ms)
    return True


def changes_leverage(scene: Scene) -> bool:
    symbol, leverage = held_or_any_symbol(scene), scene.random.choice((1, 2, 3, 8, 15, 20))
    exchange = scene.house.exchange
    return at_the_venue(scene, lambda now_ms: exchange.set_leverage(scene.account.id, symbol, leverage, now_ms))


def changes_margin_type(scene: Scene) -> bool:
    symbol, exchange = any_symbol(scene), scene.house.exchange
    wanted = MarginType.CROSS if account(scene).is_isolated(symbol) else MarginType.ISOLATED
    return at_the_venue(scene, lambda now_ms: exchange.set_margin_type(scene.account.id, symbol, wanted, now_ms))


def joins_margins(scene: Scene) -> bool:
    """Multi-assets mode for a while."""
    exchange = scene.house.exchange

    def switch(on: bool) -> bool:
        return at_the_venue(scene, lambda now_ms: exchange.set_multi_assets(scene.account.id, on, now_ms))

    if account(scene).multi_assets or not switch(True):
        return False
    later(scene, 10, 90, lambda: exchange.set_multi_assets(scene.account.id, False, scene.house.now_ms))
    return True


# --- money ------------------------------------------------------------------------------------------------------------


def deposits(scene: Scene) -> bool:
    return _transferred(scene, account(scene).spot_wallet * share(scene, 0.05, 0.5))


def withdraws(scene: Scene) -> bool:
    """Up to nine tenths of what is free."""
    free = standing(scene.house.exchange.floor, account(scene)).withdrawable
    return _transferred(scene, -free * share(scene, 0.05, 0.9))


def _transferred(scene: Scene, amount: Decimal) -> bool:
    rounded = amount.quantize(Decimal("0.01"))
    name = f"hand-{scene.random.getrandbits(48)}"
    exchange = scene.house.exchange
    return rounded != 0 and at_the_venue(
        scene, lambda now_ms: exchange.transfer(scene.account.id, ASSET, rounded, name, now_ms)
    )


def moves_margin(scene: Scene) -> bool:
    """More, or less, margin behind an isolated position."""
    isolated = [held for held in positions(scene) if account(scene).is_isolated(held.symbol)]
    held = chosen(scene, isolated)
    if held is None:
        return False
    amount = (held.isolated_wallet * share(scene, -0.3, 0.5)).quantize(Decimal("0.01"))
    exchange = scene.house.exchange
    return amount != 0 and at_the_venue(
        scene,
        lambda now_ms: exchange.change_isolated_margin(scene.account.id, held.symbol, held.leg, amount, now_ms),
    )


HANDS: Final = (
    Trouble("owner_opens", (47, 15), 90, opens),
    Trouble("owner_closes", (47,), 40, closes),
    Trouble("owner_reduces", (47,), 40, reduces),
    Trouble("owner_adds", (47,), 40, adds),
    Trouble("owner_flips", (47,), 40, flips),
    Trouble("owner_cancels_stop", (48,), 25, cancels_stop),
    Trouble("owner_cancels_target", (48,), 25, cancels_target),
    Trouble("owner_cancels_entry", (33, 47), 8, cancels_entry),
    Trouble("owner_cancels_all", (48,), 30, cancels_all),
    Trouble("owner_moves_entry", (47,), 8, moves_entry),
    Trouble("owner_guards_himself", (42, 43), 30, guards_himself),
    Trouble("owner_rests_an_order", (15, 47), 60, rests_an_order),
    Trouble("owner_toggles_mode", (49,), 60, toggles_mode),
    Trouble("owner_changes_leverage", (38,), 40, changes_leverage),
    Trouble("owner_changes_margin_type", (38,), 60, changes_margin_type),
    Trouble("owner_joins_margins", (51,), 90, joins_margins),
    Trouble("owner_deposits", (17,), 40, deposits),
    Trouble("owner_withdraws", (50, 17), 60, withdraws),
    Trouble("owner_moves_margin", (17, 38), 25, moves_margin),
)
