"""Everything the top bar, the block banner and the Overview show, in one answer: each account is read once."""

from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Heartbeat
from undertow.domain.alert import Alert, AlertLevel
from undertow.domain.cascade import CascadeState
from undertow.domain.conditions import CascadeFormula, Colour
from undertow.domain.market import Venue
from undertow.domain.numbers import plain
from undertow.domain.times import utc_text
from undertow.services.views.blocks import standing_blocks
from undertow.services.views.book import Book, read_book
from undertow.services.views.contacts import VenueNow, venue_now
from undertow.services.views.happened import Happened, happened
from undertow.services.views.now import (
    AccountNow,
    AlertNow,
    BlockNow,
    PositionNow,
    account_now,
    alert_now,
    block_now,
    position_now,
)
from undertow.services.views.overview_history import OverviewHistory, overview_history
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources
from undertow.services.views.standing import CASCADE_LATE_MS, HEARTBEAT_LATE_MS

MOST_EVENTS: Final = 20
MOST_ALERTS: Final = 20
MOST_COLOURED: Final = 60


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
        "accounts": [account_now(book) for book in books],
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


def _worst_first(standing: Sequence[Alert]) -> list[Alert]:
    return sorted(standing, key=lambda one: (-one.level.rank, -one.last_ms, one.key))


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
