"""How an account, a position, a block and an alert stand now: as the overview and live news show them."""

from typing_extensions import TypedDict

from undertow.domain.account import Mode, Switch
from undertow.domain.alert import Alert, AlertLevel
from undertow.domain.market import PositionSide, Venue
from undertow.domain.numbers import plain
from undertow.domain.position import Position, Slot
from undertow.domain.times import utc_text
from undertow.services.views import render
from undertow.services.views.book import Book
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.risk import RiskBudget, budget, liquidation_row
from undertow.services.views.standing import Standing


class SwitchNow(TypedDict):
    state: Switch
    version: int
    since_ms: EpochMs
    by: str
    reason: str


class MoneyNow(TypedDict):
    """``day_pnl`` is what equity moved by since the day began (UTC), without what came in or went out."""

    equity: Figure
    wallet: Figure
    available: Figure
    unrealized: Figure
    time_ms: EpochMs
    day_pnl: Figure | None
    day_pnl_pct: Figure | None
    day_started_at_ms: EpochMs | None


class CommittedNow(TypedDict):
    """Margin and positions in use, with their caps; ``max_positions`` of 0 means no cap."""

    margin: Figure
    max_margin: Figure
    notional: Figure
    positions: int
    max_positions: int


class AccountNow(TypedDict):
    """``venue_blocked_until_ms`` is null while the venue may be called, ``reconciled_ms`` before the first proof."""

    account: str
    venue: Venue
    mode: Mode
    switch: SwitchNow
    money: MoneyNow | None
    committed: CommittedNow
    risk: RiskBudget
    unprotected: int
    unconfirmed: int
    venue_blocked_until_ms: EpochMs | None
    venue_reason: str
    reconciled_ms: EpochMs | None


class PositionNow(TypedDict):
    """``stop_price`` is null while no stop stands at the venue; layers are null where there is no ladder."""

    account: str
    mode: Mode
    symbol: str
    side: PositionSide
    strategy: str | None
    external: bool
    quantity: Figure
    entry_price: Figure
    mark_price: Figure | None
    notional: Figure
    leverage: int
    unrealized_pnl: Figure | None
    unrealized_roe_pct: Figure | None
    stop_price: Figure | None
    unprotected_since_ms: EpochMs | None
    liquidation_price: Figure | None
    liquidation_distance_pct: Figure | None
    filled_risk: Figure
    reserved_risk: Figure
    layers_filled: int | None
    layers: int | None
    opened_at_ms: EpochMs


class BlockNow(TypedDict):
    """``scope`` says what it holds up, ``clears`` what ends it. ``since_ms`` is null where nobody kept the time."""

    kind: str
    scope: str
    since_ms: EpochMs | None
    reason: str
    clears: str
    inputs: dict[str, str]


class AlertNow(TypedDict):
    key: str
    episode: int
    level: AlertLevel
    message: str
    first_ms: EpochMs
    last_ms: EpochMs
    count: int
    acknowledged_by: str


def account_now(book: Book) -> AccountNow:
    proof = book.guard.standing_proof
    return {
        "account": book.account.id,
        "venue": book.account.venue,
        "mode": book.account.mode,
        "switch": {
            "state": book.control.switch,
            "version": book.control.version,
            "since_ms": book.control.since_ms,
            "by": book.control.by,
            "reason": book.control.reason,
        },
        "money": money_now(book),
        "committed": {
            "margin": plain(book.totals.margin),
            "max_margin": plain(book.limits.max_total_margin),
            "notional": plain(book.totals.notional),
            "positions": book.totals.slots,
            "max_positions": book.limits.max_positions,
        },
        "risk": budget(book),
        "unprotected": sum(position.unprotected_since_ms is not None for position in book.positions),
        "unconfirmed": sum(order.state in render.UNCERTAIN for order in book.orders.values()),
        "venue_blocked_until_ms": book.health.blocked_until_ms if book.health.blocks(book.now_ms) else None,
        "venue_reason": book.health.reason if book.health.blocks(book.now_ms) else "",
        "reconciled_ms": None if proof is None else proof.read_at_ms,
    }


def money_now(book: Book) -> MoneyNow | None:
    balance, start = book.balance, book.guard.day_start_equity
    if balance is None:
        return None
    # The guard's day is the one that the daily loss limit counts; yesterday's start says nothing of today.
    today = utc_text(book.now_ms).startswith(book.guard.day) and book.guard.day != ""
    moved = balance.equity - start if start is not None and today else None
    return {
        "equity": plain(balance.equity),
        "wallet": plain(balance.wallet),
        "available": plain(balance.available),
        "unrealized": plain(balance.unrealized),
        "time_ms": balance.time_ms,
        "day_pnl": render.figure(moved),
        "day_pnl_pct": None if moved is None or not start else render.percent(moved / start),
        "day_started_at_ms": book.guard.day_started_at_ms if today else None,
    }


def position_now(book: Book, slot: Slot, position: Position) -> PositionNow:
    mark = book.mark_of(position.symbol)
    pnl = None if mark is None else position.unrealized_pnl(mark.price)
    margin = position.notional / position.leverage
    liquidation = liquidation_row(book, position)
    return {
        "account": book.account.id,
        "mode": book.account.mode,
        "symbol": position.symbol,
        "side": position.side,
        "strategy": position.strategy,
        "external": position.is_external,
        "quantity": plain(position.quantity),
        "entry_price": plain(position.entry_price),
        "mark_price": None if mark is None else plain(mark.price),
        "notional": plain(position.notional),
        "leverage": position.leverage,
        "unrealized_pnl": render.figure(pnl),
        "unrealized_roe_pct": None if pnl is None else render.percent(pnl / margin),
        "stop_price": render.figure(book.stop_of(position)),
        "unprotected_since_ms": position.unprotected_since_ms,
        "liquidation_price": liquidation["price"],
        "liquidation_distance_pct": liquidation["distance_pct"],
        "filled_risk": plain(book.filled_risk_of(position)),
        "reserved_risk": plain(slot.reserved_risk),
        "layers_filled": None if slot.ladder is None else len(slot.ladder.filled),
        "layers": None if slot.ladder is None else len(slot.ladder.plan.layers),
        "opened_at_ms": position.opened_at_ms,
    }


def block_now(standing: Standing) -> BlockNow:
    return {
        "kind": standing.kind,
        "scope": standing.scope,
        "since_ms": standing.since_ms,
        "reason": standing.reason,
        "clears": standing.clears,
        "inputs": dict(standing.inputs),
    }


def alert_now(one: Alert) -> AlertNow:
    return {
        "key": one.key,
        "episode": one.episode,
        "level": one.level,
        "message": one.message,
        "first_ms": one.first_ms,
        "last_ms": one.last_ms,
        "count": one.count,
        "acknowledged_by": one.acknowledged_by,
    }
