"""Once a minute, apart from everything it looks at: is the worker alive, are the accounts being seen to?

Whatever is found is reported as an alert; what is found to be well again is reported as over. It changes nothing.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account, Heartbeat, Mode
from undertow.domain.alert import AlertLevel
from undertow.domain.market import Venue
from undertow.domain.order import UNRESOLVED
from undertow.ports import (
    Clock,
    DeadLetters,
    DepthsUnknown,
    Meter,
    Notifier,
    ParamsSource,
    Repositories,
    RouteFailed,
    RouteRefused,
    Routes,
    StoreBusy,
)
from undertow.services.end_alerts import EndAlerts
from undertow.services.monitor_account import BLOCK_LEVELS
from undertow.services.one_by_one import OneByOne

logger = logging.getLogger(__name__)

MINUTE_MS: Final = 60_000
WORKER_SILENT_MS: Final = MINUTE_MS
"""Six beats."""
USER_STREAM_SILENT_MS: Final = 6 * MINUTE_MS
"""A ping counts as heard, and the venue sends one every five minutes."""
LISTEN_KEY_OLD_MS: Final = 45 * MINUTE_MS
"""It is renewed every 30 minutes at the latest and ends after 60."""
UNCOVERED_MS: Final = 30 * MINUTE_MS
RECONCILE_LATE_MS: Final = 5 * MINUTE_MS
UNANSWERED_MS: Final = 2 * MINUTE_MS
UNANSWERED_LONG_MS: Final = 15 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition that was looked at. ``level`` is None when all is well; then ``message`` says so."""

    key: str
    level: AlertLevel | None
    message: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckHeartbeats:
    kept: Repositories
    params: ParamsSource
    dead_letters: DeadLetters
    routes: Routes
    end_alerts: EndAlerts
    notifier: Notifier
    clock: Clock
    meter: Meter

    def __call__(self) -> None:
        """One look at everything. Raises what kept it from looking, after having looked at the rest."""
        current = self.params.current().globals
        accounts = tuple(account for account in current.accounts.values() if account.mode is not Mode.SIMULATE)
        standing = self.kept.alerts.open()
        open_keys = {alert.key for alert in standing}
        with OneByOne(logger, (StoreBusy, DepthsUnknown)) as each:
            for look in (self._worker, self._accounts, self._venues, self._queues):
                with each.attempt("look_failed", look=look.__name__.strip("_")):
                    for finding in look(accounts):
                        self._report(finding, open_keys)
            self.end_alerts(standing, accounts)
            self.meter.count("heartbeats_checked")
        if current.alerts.dead_man:
            self._call_dead_man()

    def _report(self, finding: Finding, open_keys: set[str]) -> None:
        if finding.level is not None:
            self.notifier.alert(finding.level, finding.key, finding.message, dict(finding.facts))
        elif finding.key in open_keys:
            self.notifier.resolved(finding.key, finding.message)

    # --- the worker

    def _worker(self, accounts: tuple[Account, ...]) -> Iterator[Finding]:
        """Of several workers the one that was heard last counts: the others are those before it."""
        now_ms = self.clock.now_ms()
        last = max(self.kept.heartbeats.all(), key=lambda heartbeat: heartbeat.time_ms, default=None)
        since_ms = self._switched_on_ms(accounts) if last is None else last.time_ms
        if since_ms is not None and now_ms - since_ms > WORKER_SILENT_MS:
            since = (("since_ms", str(since_ms)),)
            yield Finding("worker_silent", AlertLevel.CRITICAL, "the stream worker gives no sign of life", since)
            return
        if last is None:
            return
        yield Finding("worker_silent", None, "the stream worker gives signs of life again")
        yield self._window(last, now_ms)
        yield from self._user_stream(last, now_ms, accounts)

    def _switched_on_ms(self, accounts: tuple[Account, ...]) -> int | None:
        """Since when somebody has expected trading; None while nobody does."""
        controls = (self.kept.controls.get(account.id) for account in accounts)
        return min((control.since_ms for control in controls if control.admits_entries), default=None)

    def _window(self, last: Heartbeat, now_ms: int) -> Finding:
        running_ms = now_ms - last.epoch
        if last.window_covered or running_ms < UNCOVERED_MS:
            return Finding("window_uncovered", None, "the windows are covered again, or a new worker is filling them")
        facts = (("worker started", f"{running_ms // MINUTE_MS} min ago"), ("reconnects", str(last.reconnects)))
        message = "the worker's windows are not covered, so nothing is entered on them"
        return Finding("window_uncovered", AlertLevel.HIGH, message, facts)

    def _user_stream(self, last: Heartbeat, now_ms: int, accounts: tuple[Account, ...]) -> Iterator[Finding]:
        """With nothing open a silent stream hides nothing; with a position it hides what happens to it."""
        heard_ms = last.last_user_event_ms
        silent_ms = now_ms - (last.epoch if heard_ms is None else heard_ms)
        if silent_ms <= USER_STREAM_SILENT_MS:
            yield Finding("user_stream_silent", None, "the user stream is heard again")
        elif any(self._holds(account) for account in accounts):
            message = "the user stream is silent while a position is open"
            facts = (("silent_s", str(silent_ms // 1000)),)
            yield Finding("user_stream_silent", AlertLevel.CRITICAL, message, facts)
        else:
            yield Finding("user_stream_silent", None, "no position is open any more")
        renewed_ms = last.listen_key_renewed_at_ms
        if renewed_ms is not None and now_ms - renewed_ms > LISTEN_KEY_OLD_MS:
            facts = (("renewed", f"{(now_ms - renewed_ms) // MINUTE_MS} min ago"),)
            yield Finding("listen_key_old", AlertLevel.HIGH, "a listen key was not renewed in time", facts)
        else:
            yield Finding("listen_key_old", None, "the listen keys are renewed")

    def _holds(self, account: Account) -> bool:
        return any(slot.position is not None for slot in self.kept.ledger.slots_in_use(account.id))

    # --- the accounts

    def _accounts(self, accounts: tuple[Account, ...]) -> Iterator[Finding]:
        for account in accounts:
            yield self._reconciliation(account)
            yield self._unanswered(account)
            yield from self._blocks(account)

    def _reconciliation(self, account: Account) -> Finding:
        """Each pass that could read the venue stores a balance: the age of the newest is the age of the last one."""
        key, balance = f"reconcile_late#{account.id}", self.kept.balances.latest(account.id)
        since_ms = self._switched_on_ms((account,)) if balance is None else balance.time_ms
        if since_ms is None or self.clock.now_ms() - since_ms <= RECONCILE_LATE_MS:
            return Finding(key, None, "the account is compared with the venue again")
        facts = (("account", account.id), ("since_ms", str(since_ms)))
        message = "the account has not been compared with the venue for five minutes"
        return Finding(key, AlertLevel.CRITICAL, message, facts)

    def _unanswered(self, account: Account) -> Finding:
        key, now_ms = f"order_unanswered#{account.id}", self.clock.now_ms()
        waiting = [order for order in self.kept.orders.unfinished(account.id) if order.state in UNRESOLVED]
        oldest = min(waiting, key=lambda order: order.created_at_ms, default=None)
        if oldest is None or now_ms - oldest.created_at_ms <= UNANSWERED_MS:
            return Finding(key, None, "every order has its answer")
        age_ms = now_ms - oldest.created_at_ms
        level = AlertLevel.CRITICAL if age_ms > UNANSWERED_LONG_MS else AlertLevel.HIGH
        facts = (
            ("account", account.id),
            ("client_order_id", oldest.client_order_id),
            ("symbol", oldest.intent.symbol),
            ("age_s", str(age_ms // 1000)),
            ("how many", str(len(waiting))),
        )
        return Finding(key, level, "an order has been without an answer for long", facts)

    def _blocks(self, account: Account) -> Iterator[Finding]:
        """The monitor reports a block when it sets it. That it goes on is told here, and that it is there at all when
        the monitor died before it could report it. What is gone is ended by the monitor, or by ``EndAlerts``.
        """
        for kind, block in self.kept.guards.get(account.id).blocks.items():
            facts = (("account", account.id), ("clears", block.clears), *block.inputs.items())
            level = BLOCK_LEVELS.get(kind, AlertLevel.HIGH)
            yield Finding(f"blocked#{account.id}#{kind.value}", level, block.reason, facts)

    # --- venues and queues

    def _venues(self, accounts: tuple[Account, ...]) -> Iterator[Finding]:
        for venue in sorted({account.venue for account in accounts}):
            yield self._venue(venue)

    def _venue(self, venue: Venue) -> Finding:
        key, health = f"venue_blocked#{venue.value}", self.kept.healths.get(venue)
        if not health.blocks(self.clock.now_ms()) or health.entries_only:
            return Finding(key, None, "the venue may be called again")
        facts = (("until", str(health.blocked_until_ms)), ("reason", health.reason))
        return Finding(key, AlertLevel.CRITICAL, "the venue must not be called, stops stand there on their own", facts)

    def _queues(self, _accounts: tuple[Account, ...]) -> Iterator[Finding]:
        for queue, depth in sorted(self.dead_letters.depths().items()):
            key = f"dead_letters#{queue}"
            if depth:
                facts = (("queue", queue), ("messages", str(depth)))
                yield Finding(key, AlertLevel.HIGH, "messages were given up and wait for somebody", facts)
            else:
                yield Finding(key, None, "the queue of given-up messages is empty")

    def _call_dead_man(self) -> None:
        """Its silence is the alarm, so that a failure here needs none of its own."""
        try:
            self.routes.ping()
        except (RouteFailed, RouteRefused) as failure:
            logger.warning("dead_man_not_called", extra={"cause": str(failure)})
            self.meter.count("dead_man_not_called")
