"""Follow the user data stream: orders change, fills are booked, positions are protected, closed ones are tidied."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from undertow.domain.account import Account, PositionMode, Readiness
from undertow.domain.event import (
    AccountChanged,
    ConfigChanged,
    MarginCalled,
    OrderChanged,
    StreamGap,
    UserEvent,
)
from undertow.domain.fill import Fill
from undertow.domain.ids import is_ours
from undertow.domain.order import Order, OrderNews
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import AlertLevel, Fills, Ledger, Meter, Notifier, NotScheduled, Orders, Readinesses
from undertow.services.book_fill import BookFill, Booking
from undertow.services.guard_position import GuardPosition
from undertow.services.import_fills import ImportFills
from undertow.services.protect import Protect, Protection
from undertow.services.reconcile import Reconcile
from undertow.services.record_order import RecordOrder
from undertow.services.tidy_up import TidyUp

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrackAccount:
    ledger: Ledger
    orders: Orders
    fills: Fills
    readinesses: Readinesses
    book: BookFill
    record: RecordOrder
    protect: Protect
    guard: GuardPosition
    tidy_up: TidyUp
    import_fills: ImportFills
    reconcile: Reconcile
    notifier: Notifier
    meter: Meter

    def __call__(self, account: Account, event: UserEvent) -> None:
        """Apply one event. Late, repeated and reordered events end in the same state."""
        match event:
            case OrderChanged():
                self._order_changed(account, event)
            case StreamGap():
                logger.warning(
                    "user_stream_gap",
                    extra={"account": account.id, "gap_ms": event.to_ms - event.from_ms, "reason": event.reason},
                )
                # What is read from now on is new; what was proven before says nothing of the gap.
                self.reconcile.doubt(account)
                self.reconcile(account, "stream gap")
            case AccountChanged():
                self._account_changed(event)
            case MarginCalled():
                self.notifier.alert(
                    AlertLevel.CRITICAL,
                    f"margin_call#{account.id}",
                    "the venue sent a margin call",
                    {"symbols": ", ".join(event.symbols)},
                )
            case ConfigChanged():
                self._config_changed(account, event)

    def _config_changed(self, account: Account, event: ConfigChanged) -> None:
        """What somebody changed at the venue is known from now on, so that the next entry is refused or set right."""
        for known in self.readinesses.all(account.id):
            if event.symbol in (None, known.symbol) and known.verified_at_ms <= event.event_time_ms:
                changed = _as_changed(known, event)
                if changed != known:
                    self.readinesses.save(replace(changed, verified_at_ms=event.event_time_ms))
                    self._tell_of_change(account, changed)

    def _tell_of_change(self, account: Account, changed: Readiness) -> None:
        self.notifier.alert(
            AlertLevel.HIGH,
            f"venue_config#{account.id}#{changed.symbol}",
            "leverage or an account mode was changed at the venue",
            {
                "symbol": changed.symbol,
                "leverage": str(changed.leverage),
                "position_mode": changed.position_mode.value,
                "multi_assets": str(changed.multi_assets).lower(),
            },
        )

    def _account_changed(self, event: AccountChanged) -> None:
        """Balances and positions come with every fill; what decides is the ledger and the next reconciliation."""
        self.meter.count("account_updates")
        if event.reason in ("FUNDING_FEE", "DEPOSIT", "WITHDRAW", "INSURANCE_CLEAR"):
            logger.info("wallet_changed", extra={"account": event.account, "reason": event.reason})

    def _order_changed(self, account: Account, event: OrderChanged) -> None:
        news = event.news
        order = self.orders.get(account.id, news.client_order_id) if is_ours(news.client_order_id) else None
        if order is None:
            self._tell_of_a_stranger(account, event)
        if event.fill is not None:
            self._filled(account, event.fill, order, news)
        elif order is not None:
            recorded = self.record.news(order, news)
            self._protective_order_ended(account, recorded)

    def _filled(self, account: Account, fill: Fill, order: Order | None, news: OrderNews) -> None:
        side = self.book.side_of(fill, order)
        opens = fill.side is side.entry_side
        unwatched: NotScheduled | None = None
        if opens and self.ledger.slot(account.id, fill.symbol, side).position is None:
            try:
                self.guard.watch(account, fill.symbol, side)
            except NotScheduled as failure:
                # The stop does not wait for the queue; if there is none in the end, the message comes back.
                unwatched = failure
        imported: Sequence[Booking] = ()
        if not opens and self._came_before_what_it_closes(fill, order):
            # An exit overtook the entry that it closes: the venue's own history has both, in their order.
            imported = self.import_fills(account, fill.symbol, fill.time_ms)
        booking = self.book(fill, order, news)
        if booking.duplicate and order is not None:
            self.record.news(order, news)
        protection = self._after_booking(account, fill, booking)
        if any(one.excess for one in (*imported, booking)):
            self._reconcile_soon(account)
        if unwatched is not None and protection is Protection.UNPROTECTED:
            raise unwatched

    def _came_before_what_it_closes(self, fill: Fill, order: Order | None) -> bool:
        position = self.ledger.slot(fill.account, fill.symbol, self.book.side_of(fill, order)).position
        known = position.quantity if position is not None else 0
        return fill.quantity > known and not self.fills.has(fill.account, fill.symbol, fill.trade_id)

    def _after_booking(self, account: Account, fill: Fill, booking: Booking) -> Protection:
        protection = Protection.FLAT
        if booking.closed is not None:
            self.tidy_up(account, booking.closed, booking.excess)
        elif not booking.duplicate or fill.side is booking.side.entry_side:
            # Also for a repeated event: the process that booked it first may have died before it protected.
            protection = self.protect(account, fill.symbol, booking.side)
        return protection

    def _reconcile_soon(self, account: Account) -> None:
        """The schedule comes within a minute; a failure here would hold up the fills behind this one for longer."""
        try:
            self.reconcile(account, "more was closed than was known")
        except (VenueUnreachable, VenueReadFailed) as failure:
            logger.warning("reconciliation_put_off", extra={"account": account.id, "cause": str(failure)})

    def _protective_order_ended(self, account: Account, order: Order) -> None:
        """A stop or target that ended without closing the position (by hand, say) is placed again, and looked after."""
        if order.intent.purpose.is_protective and order.state.is_final:
            position = self.ledger.slot(account.id, order.intent.symbol, order.intent.position_side).position
            if position is not None and order.client_order_id in (position.stop_order, position.target_order):
                self.guard(account, order.intent.symbol, order.intent.position_side, attempt=0)

    def _tell_of_a_stranger(self, account: Account, event: OrderChanged) -> None:
        if event.forced:
            self.reconcile.closed_by_force(account, event.news.symbol, event.event_time_ms)
            self.notifier.alert(
                AlertLevel.CRITICAL,
                f"forced#{account.id}#{event.news.symbol}",
                f"the venue closed a position by force ({event.forced})",
                {"symbol": event.news.symbol, "order": event.news.client_order_id},
            )
            return
        self.meter.count("external_orders")
        logger.info(
            "external_order_seen",
            extra={
                "account": account.id,
                "symbol": event.news.symbol,
                "client_order_id": event.news.client_order_id,
                "order_state": event.news.state.value,
            },
        )


def _as_changed(known: Readiness, event: ConfigChanged) -> Readiness:
    """``known`` with what ``event`` says; fields that the event does not concern are None in it."""
    hedge = event.hedge_mode
    mode = known.position_mode if hedge is None else PositionMode.HEDGE if hedge else PositionMode.ONE_WAY
    return replace(
        known,
        leverage=known.leverage if event.leverage is None else event.leverage,
        position_mode=mode,
        multi_assets=known.multi_assets if event.multi_assets is None else event.multi_assets,
    )
