"""User data stream frames to our events. Raises BadFrame, and nothing else, for whatever else a frame may hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from undertow.adapters.aster import strict
from undertow.adapters.aster.messages import Reply, decode, reply, unwrapped
from undertow.adapters.aster.parse import MARGIN_TYPES, STATES, TYPES, position_side
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.event import (
    AccountChanged,
    ConfigChanged,
    MarginCalled,
    OrderChanged,
    PositionSeen,
    WalletChange,
)
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, TradeId, VenueOrderId
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO
from undertow.domain.order import OrderNews

LIQUIDATION_PREFIX: Final = "autoclose-"
ADL_ID: Final = "adl_autoclose"


@dataclass(frozen=True, slots=True)
class ListenKeyExpired:
    """The key is dead. The socket may stay open and silent: make a new key and connect again."""

    event_time_ms: int


@dataclass(frozen=True, slots=True)
class Announcement:
    """A notice of the platform; nothing to trade on."""


UserMessage = OrderChanged | AccountChanged | MarginCalled | ConfigChanged | ListenKeyExpired | Announcement | Reply


def read_user(frame: str | bytes, account: AccountId) -> UserMessage:
    """One frame of the user connection of ``account``, raw or combined."""
    value = unwrapped(decode(frame))
    if type(value) is not dict:
        raise BadFrame("is not an object", "frame", value)
    event = value.get("e")
    if event is None:
        return reply(value)
    reader = _READERS.get(event) if type(event) is str else None
    if reader is None:
        raise BadFrame("is not an event of the user stream", "e", event)
    return reader(value, account)


def order_changed(event: dict[str, Any], account: AccountId) -> OrderChanged:
    """ORDER_TRADE_UPDATE. It carries a fill when ``x`` is TRADE, or CALCULATED where the venue liquidated."""
    order = strict.member(event, "o")
    news = OrderNews(
        symbol=strict.symbol(order, "s"),
        client_order_id=ClientOrderId(strict.text(order, "c")),
        venue_order_id=VenueOrderId(strict.integer(order, "i")),
        side=strict.choice(order, "S", Side),
        position_side=position_side(order, "ps"),
        # After its trigger a stop says MARKET in "o"; "ot" stays what was placed.
        type=strict.named(order, "ot" if "ot" in order else "o", TYPES),
        state=strict.named(order, "X", STATES),
        quantity=strict.not_negative(order, "q"),
        filled_quantity=strict.not_negative(order, "z"),
        average_price=strict.not_negative(order, "ap"),
        price=strict.not_negative(order, "p"),
        stop_price=strict.not_negative(order, "sp"),
        reduce_only=strict.flag(order, "R"),
        close_position=strict.flag(order, "cp") if "cp" in order else False,
        time_ms=strict.time_ms(order, "T"),
    )
    execution = strict.member(order, "x")
    if execution not in ("NEW", "CANCELED", "CALCULATED", "EXPIRED", "TRADE"):
        raise BadFrame("is not an execution type", "x", execution)
    traded = execution == "TRADE" or (execution == "CALCULATED" and strict.not_negative(order, "l") > 0)
    # Without a trade there is id 0: as a fill it would be booked a second time, under its own id, from the history.
    traded = traded and strict.integer(order, "t") > 0
    return OrderChanged(
        account=account,
        news=news,
        fill=_fill(order, news, account) if traded else None,
        forced=_forced(order, news),
        event_time_ms=strict.time_ms(event, "E"),
    )


def _fill(order: dict[str, Any], news: OrderNews, account: AccountId) -> Fill:
    return Fill(
        account=account,
        symbol=news.symbol,
        trade_id=TradeId(strict.integer(order, "t")),
        venue_order_id=VenueOrderId(strict.integer(order, "i")),
        client_order_id=news.client_order_id,
        side=news.side,
        position_side=news.position_side,
        price=strict.positive(order, "L"),
        quantity=strict.positive(order, "l"),
        # Without sign, as in parse.fill: the same trade must be the same fill from either source.
        commission=abs(strict.decimal(order, "n")) if "n" in order else ZERO,
        commission_asset=strict.text(order, "N") if "N" in order else "",
        realized_pnl=strict.decimal(order, "rp"),
        maker=strict.flag(order, "m"),
        time_ms=news.time_ms,
    )


def _forced(order: dict[str, Any], news: OrderNews) -> str:
    if news.client_order_id.startswith(LIQUIDATION_PREFIX) or "LIQUIDATION" in (order.get("o"), order.get("ot")):
        return "liquidation"
    if news.client_order_id == ADL_ID or order["X"] == "NEW_ADL":
        return "adl"
    return "liquidation" if order["X"] == "NEW_INSURANCE" else ""


def account_changed(event: dict[str, Any], account: AccountId) -> AccountChanged:
    """ACCOUNT_UPDATE. ``B`` and ``P`` hold only what changed."""
    change = strict.member(event, "a")
    return AccountChanged(
        account=account,
        reason=strict.text(change, "m"),
        wallets=tuple(_wallet(row) for row in strict.rows(change, "B")) if "B" in change else (),
        positions=tuple(_position(row) for row in strict.rows(change, "P")) if "P" in change else (),
        event_time_ms=strict.time_ms(event, "E"),
    )


def _wallet(row: Any) -> WalletChange:
    return WalletChange(
        asset=strict.text(row, "a"),
        wallet=strict.decimal(row, "wb"),
        cross_wallet=strict.decimal(row, "cw"),
        change=strict.decimal(row, "bc") if "bc" in row else ZERO,
    )


def _position(row: Any) -> PositionSeen:
    return PositionSeen(
        symbol=strict.symbol(row, "s"),
        side=position_side(row, "ps"),
        amount=strict.decimal(row, "pa"),
        entry_price=strict.not_negative(row, "ep"),
        unrealized=strict.decimal(row, "up"),
        margin_type=strict.named(row, "mt", MARGIN_TYPES),
    )


def margin_called(event: dict[str, Any], account: AccountId) -> MarginCalled:
    symbols = tuple(strict.symbol(row, "s") for row in strict.rows(event, "p"))
    return MarginCalled(account, symbols, strict.time_ms(event, "E"))


def config_changed(event: dict[str, Any], account: AccountId) -> ConfigChanged:
    """ACCOUNT_CONFIG_UPDATE: ``ac`` is the leverage of one symbol, ``ai`` the modes of the account."""
    time_ms = strict.time_ms(event, "E")
    if "ac" in event:
        changed = event["ac"]
        return ConfigChanged(account, strict.symbol(changed, "s"), strict.integer(changed, "l"), None, None, time_ms)
    modes = strict.member(event, "ai")
    return ConfigChanged(
        account,
        None,
        None,
        strict.flag(modes, "d") if strict.has(modes, "d") else None,
        strict.flag(modes, "j") if strict.has(modes, "j") else None,
        time_ms,
    )


def _expired(event: dict[str, Any], _account: AccountId) -> ListenKeyExpired:
    return ListenKeyExpired(strict.time_ms(event, "E"))


def _announcement(_event: dict[str, Any], _account: AccountId) -> Announcement:
    return Announcement()


_READERS: Final[Mapping[str, Callable[[dict[str, Any], AccountId], UserMessage]]] = {
    "ORDER_TRADE_UPDATE": order_changed,
    "ACCOUNT_UPDATE": account_changed,
    "MARGIN_CALL": margin_called,
    "ACCOUNT_CONFIG_UPDATE": config_changed,
    "listenKeyExpired": _expired,
    "announcement": _announcement,
}
