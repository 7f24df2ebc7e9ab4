"""Everything the top bar, the block banner and the Overview show, in one answer: each account is read once."""

from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Heartbeat, Mode, Switch
from undertow.domain.alert import Alert, AlertLevel
from undertow.domain.cascade import CascadeState
from undertow.domain.conditions import CascadeFormula, Colour
from undertow.domain.market import PositionSide, Venue
from undertow.domain.numbers import plain
from undertow.domain.position import Position, Slot
from undertow.domain.times import utc_text
from undertow.services.views import render
from undertow.services.views.blocks import standing_blocks
from undertow.services.views.book import Book, read_book
from undertow.services.views.contacts import VenueNow, venue_now
from undertow.services.views.happened import Happened, happened
from undertow.services.views.overview_history import OverviewHistory, overview_history
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.risk import RiskBudget, budget, liquidation_row
from undertow.services.views.sources import Sources
from undertow.services.views.standing import CASCADE_LATE_MS, HEARTBEAT_LATE_MS, Standing

MOST_EVENTS: Final = 20
MOST_ALERTS: Final = 20
MOST_COLOURED: Final = 60


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


class ColouredSymbol(TypedDict):
    symbol: str
    colour: Colour
    points: Figure
    since_ms: EpochMs


class CascadeNow(TypedDict):
    """One formula at one venue. ``late``: the colours are too old to be believed. Symbols are the worst first."""

    venue: Venue
    formula: CascadeFormula
    late: bool
    measured_at_ms: EpochMs
    blocked: bool
    blocked_symbols: int
    fresh_symbols: int
    monitored_symbols: int
    symbols: list[ColouredSymbol]


class WorkerNow(TypedDict):
    """Ages are null for what was never heard. ``late``: it gave no sign of life for too long."""

    worker: str
    late: bool
    age_ms: int
    market_age_ms: int | None
    user_age_ms: int | None
    loop_lag_ms: int
    reconnects: int
    window_covered: bool


class Overview(TypedDict):
    """``seq`` is the number of the last news that may be missing in here: who listens goes on after it.

    ``history`` is null unless it is asked for: it changes slowly and costs most.
    """

    seq: int
    time_ms: EpochMs
    time: str
    accounts: list[AccountNow]
    venues: list[VenueNow]
    positions: list[PositionNow]
    blocks: list[BlockNow]
    open_alerts: dict[str, int]
    alerts: list[AlertNow]
    cascades: list[CascadeNow]
    workers: list[WorkerNow]
    events: list[Happened]
    parameters_age_ms: int
    history: OverviewHistory | None


def overview(sources: Sources, with_history: bool) -> Overview:
    params, now_ms = sources.params.current(), sources.clock.now_ms()
    # Before anything is read: what happens meanwhile is told again rather than lost.
    seq = sources.kept.feed.watch(now_ms)
    books = [read_book(sources, account) for account in sources.accounts(None)]
    standing = list(sources.kept.alerts.open())
    return {
        "seq": seq,
        "time_ms": now_ms,
        "time": utc_text(now_ms),
        "accounts": [_account(book) for book in books],
        "venues": [venue_now(sources, venue, now_ms) for venue in sorted({book.account.venue for book in books})],
        "positions": [
            position_now(book, slot, slot.position) for book in books for slot in book.slots if slot.position
        ],
        "blocks": [block_now(one) for one in standing_blocks(sources, params, books, now_ms)],
        "open_alerts": {level.value: sum(one.level is level for one in standing) for level in AlertLevel},
        "alerts": [alert_now(one) for one in _worst_first(standing)[:MOST_ALERTS]],
        "cascades": _cascades(sources, books, now_ms),
        "workers": [_worker(one, now_ms) for one in sources.kept.heartbeats.all()],
        "events": happened(sources, MOST_EVENTS),
        "parameters_age_ms": params.age_ms(now_ms),
        "history": overview_history(sources) if with_history else None,
    }


def _account(book: Book) -> AccountNow:
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
    mark = book.marks.get(position.symbol)
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


def _worst_first(standing: Sequence[Alert]) -> list[Alert]:
    return sorted(standing, key=lambda one: (-one.level.rank, -one.last_ms, one.key))


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


_WORST: Final[Mapping[Colour, int]] = {Colour.RED: 0, Colour.ORANGE: 1, Colour.UNKNOWN: 2, Colour.YELLOW: 3}


def _cascades(sources: Sources, books: Sequence[Book], now_ms: int) -> list[CascadeNow]:
    venues = sorted({book.account.venue for book in books})
    states = [state for venue in venues if (state := sources.kept.cascades.latest(venue)) is not None]
    return [_cascade(state, formula, now_ms) for state in states for formula in sorted(state.aggregates)]


def _cascade(state: CascadeState, formula: CascadeFormula, now_ms: int) -> CascadeNow:
    aggregate = state.aggregates[formula]
    readings = [(symbol, found[formula]) for symbol, found in state.symbols.items() if formula in found]
    readings.sort(key=lambda one: (_WORST.get(one[1].colour, 9), -one[1].points, one[0]))
    return {
        "venue": state.venue,
        "formula": formula,
        "late": now_ms - state.measured_at_ms > CASCADE_LATE_MS,
        "measured_at_ms": state.measured_at_ms,
        "blocked": aggregate.blocked,
        "blocked_symbols": aggregate.blocked_symbols,
        "fresh_symbols": aggregate.fresh_symbols,
        "monitored_symbols": aggregate.monitored_symbols,
        "symbols": [
            {"symbol": symbol, "colour": one.colour, "points": plain(one.points), "since_ms": one.since_ms}
            for symbol, one in readings[:MOST_COLOURED]
        ],
    }


def _worker(heartbeat: Heartbeat, now_ms: int) -> WorkerNow:
    def age(time_ms: int | None) -> int | None:
        return None if time_ms is None else max(0, now_ms - time_ms)

    return {
        "worker": heartbeat.worker,
        "late": now_ms - heartbeat.time_ms > HEARTBEAT_LATE_MS,
        "age_ms": max(0, now_ms - heartbeat.time_ms),
        "market_age_ms": age(heartbeat.last_market_event_ms),
        "user_age_ms": age(heartbeat.last_user_event_ms),
        "loop_lag_ms": heartbeat.loop_lag_ms,
        "reconnects": heartbeat.reconnects,
        "window_covered": heartbeat.window_covered,
    }
