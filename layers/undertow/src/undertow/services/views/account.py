"""Accounts with their switch, money and caps, and the workers that feed them."""

from typing_extensions import TypedDict

from undertow.domain.account import Account, Heartbeat, Mode, PositionMode, Switch
from undertow.domain.ids import AccountId
from undertow.domain.market import Venue
from undertow.domain.numbers import plain
from undertow.ports import Parameters
from undertow.services.views import render
from undertow.services.views.render import Aged, EpochMs, Figure, OrderRow
from undertow.services.views.sources import Sources


class AccountSwitch(TypedDict):
    state: Switch
    version: int
    since_ms: EpochMs
    by: str
    reason: str
    admits_entries: bool


class BalanceRow(Aged):
    wallet: Figure
    available: Figure
    unrealized: Figure
    equity: Figure
    initial_margin: Figure | None
    maintenance_margin: Figure | None


class Committed(TypedDict):
    """What is in use of each cap; ``max_positions`` of 0 means no cap."""

    margin: Figure
    max_margin: Figure
    notional: Figure
    max_notional: Figure
    positions: int
    max_positions: int


class EntryLimits(TypedDict):
    max_leverage: int
    max_signal_age_ms: int


class VenueBlocked(TypedDict):
    until_ms: EpochMs
    reason: str


class AccountRow(TypedDict):
    """``unconfirmed`` are orders of which nobody knows for certain what became of them."""

    id: str
    venue: Venue
    mode: Mode
    position_mode: PositionMode
    multi_assets: bool
    switch: AccountSwitch
    balance: BalanceRow | None
    committed: Committed
    limits: EntryLimits
    venue_blocked: VenueBlocked | None
    unconfirmed: list[OrderRow]


class FeedWorker(TypedDict):
    """Ages are null for what was never heard."""

    worker: str
    epoch: int
    age_ms: int | None
    market_stream_age_ms: int | None
    user_stream_age_ms: int | None
    listen_key_age_ms: int | None
    loop_lag_ms: int
    frames_in: int
    liquidations_in: int
    quarantined: int
    dropped: int
    reconnects: int
    window_covered: bool


class ParameterVersions(TypedDict):
    globals: str
    strategies: dict[str, str]


class Accounts(TypedDict):
    time_ms: EpochMs
    accounts: list[AccountRow]
    workers: list[FeedWorker]
    parameters: ParameterVersions


def account(sources: Sources, only: AccountId | None) -> Accounts:
    now_ms = sources.clock.now_ms()
    params = sources.params.current()
    return {
        "time_ms": now_ms,
        "accounts": [_account(sources, found, params, now_ms) for found in sources.accounts(only)],
        "workers": [_worker(heartbeat, now_ms) for heartbeat in sources.kept.heartbeats.all()],
        "parameters": {
            "globals": params.globals.version,
            "strategies": {name: strategy.version for name, strategy in params.strategies.items()},
        },
    }


def _account(sources: Sources, found: Account, params: Parameters, now_ms: int) -> AccountRow:
    control = sources.kept.controls.get(found.id)
    health = sources.kept.healths.get(found.venue)
    totals = sources.kept.ledger.totals(found.id)
    limits = params.globals.limits[found.id]
    uncertain = [order for order in sources.kept.orders.unfinished(found.id) if order.state in render.UNCERTAIN]
    return {
        "id": found.id,
        "venue": found.venue,
        "mode": found.mode,
        "position_mode": found.position_mode,
        "multi_assets": found.multi_assets,
        "switch": {
            "state": control.switch,
            "version": control.version,
            "since_ms": control.since_ms,
            "by": control.by,
            "reason": control.reason or ("never switched on" if control.version == 0 else ""),
            "admits_entries": control.switch is Switch.RUNNING,
        },
        "balance": _balance(sources, found.id, now_ms),
        "committed": {
            "margin": plain(totals.margin),
            "max_margin": plain(limits.max_total_margin),
            "notional": plain(totals.notional),
            "max_notional": plain(limits.max_total_notional),
            "positions": totals.slots,
            "max_positions": limits.max_positions,
        },
        "limits": {"max_leverage": limits.max_leverage, "max_signal_age_ms": limits.max_signal_age_ms},
        "venue_blocked": {"until_ms": health.blocked_until_ms, "reason": health.reason}
        if health.blocks(now_ms)
        else None,
        "unconfirmed": [render.order(order, now_ms) for order in uncertain],
    }


def _balance(sources: Sources, account: AccountId, now_ms: int) -> BalanceRow | None:
    balance = sources.kept.balances.latest(account)
    if balance is None:
        return None
    return {
        "wallet": plain(balance.wallet),
        "available": plain(balance.available),
        "unrealized": plain(balance.unrealized),
        "equity": plain(balance.equity),
        "initial_margin": render.figure(balance.initial_margin),
        "maintenance_margin": render.figure(balance.maintenance_margin),
        **render.aged(balance.time_ms, now_ms, "venue, as last reconciled"),
    }


def _worker(heartbeat: Heartbeat, now_ms: int) -> FeedWorker:
    def age(time_ms: int | None) -> int | None:
        return None if time_ms is None else max(0, now_ms - time_ms)

    return {
        "worker": heartbeat.worker,
        "epoch": heartbeat.epoch,
        "age_ms": age(heartbeat.time_ms),
        "market_stream_age_ms": age(heartbeat.last_market_event_ms),
        "user_stream_age_ms": age(heartbeat.last_user_event_ms),
        "listen_key_age_ms": age(heartbeat.listen_key_renewed_at_ms),
        "loop_lag_ms": heartbeat.loop_lag_ms,
        "frames_in": heartbeat.frames_in,
        "liquidations_in": heartbeat.liquidations_in,
        "quarantined": heartbeat.quarantined,
        "dropped": heartbeat.dropped,
        "reconnects": heartbeat.reconnects,
        "window_covered": heartbeat.window_covered,
    }
