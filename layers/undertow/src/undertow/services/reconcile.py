"""Make the ledger equal to the venue: orders, fills, positions leg by leg, protection, balance; then prove it.

The venue is the truth for quantities and entry prices, the ledger for intentions. A read that failed is never an
empty account: it raises, and nothing changes. The order is snapshot, protect, then trade: a proof is what lets entries
through, and it is made last.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account, VenueHealth
from undertow.domain.contact import ALARMING_OFFSET_MS
from undertow.domain.ids import Symbol
from undertow.domain.order import UNRESOLVED
from undertow.domain.outcome import VenueReadFailed
from undertow.domain.reconciliation import ReconciliationReport
from undertow.ports import (
    AlertLevel,
    Balances,
    Clock,
    Meter,
    Notifier,
    Orders,
    Reconciliations,
    TradingVenue,
    VenueHealths,
    Venues,
)
from undertow.services.cancel_orphans import CancelOrphans
from undertow.services.catch_up_orders import CatchUpOrders
from undertow.services.check_liquidation_prices import CheckLiquidationPrices
from undertow.services.guard_positions import GuardPositions
from undertow.services.import_missing import ImportMissing
from undertow.services.prove_equality import ProveEquality
from undertow.services.rank_positions import RankPositions
from undertow.services.reading import read
from undertow.services.record_proof import RecordProof
from undertow.services.settle_differences import SettleDifferences
from undertow.services.take_turn import TakeTurn, Turn, TurnLost

logger = logging.getLogger(__name__)

LARGEST_OFFSET_MS: Final = 1_000
CLOCK_BLOCK_MS: Final = 120_000
"""Two passes long, so that a wrong clock blocks without a pause for as long as it is wrong."""
TURN_MS: Final = 25_000
"""How long a pass that was cut off keeps the next one out; one that is at work asks, and so keeps its turn."""
HISTORY_MS: Final = 3_600_000
"""A pass that found what the one before it found is a row of the history once an hour only."""


@dataclass(frozen=True, slots=True)
class Reconcile:
    orders: Orders
    balances: Balances
    healths: VenueHealths
    venues: Venues
    reconciliations: Reconciliations
    take_turn: TakeTurn
    catch_up: CatchUpOrders
    import_missing: ImportMissing
    settle_differences: SettleDifferences
    cancel_orphans: CancelOrphans
    guard: GuardPositions
    check_liquidation_prices: CheckLiquidationPrices
    prove: ProveEquality
    record_proof: RecordProof
    rank_positions: RankPositions
    notifier: Notifier
    clock: Clock
    meter: Meter

    def __call__(self, account: Account, why: str = "schedule") -> ReconciliationReport:
        """One pass over one account. Raises VenueUnreachable or VenueReadFailed, having concluded nothing from it.

        An order, symbol or position that cannot be seen to is left as it is and told of at the end: the others are not
        left waiting. While another run is at the account nothing is done, and the report says so; the same when another
        run has taken over on the way.
        """
        turn = self.take_turn(f"reconcile#{account.id}", why, TURN_MS)
        if turn is None:
            return self._overlapped(account, 0)
        try:
            return self._pass(account, turn)
        except TurnLost:
            return self._overlapped(account, turn.epoch)
        finally:
            turn.give_back()

    def doubt(self, account: Account) -> None:
        """Events were missed: until a pass has read the venue anew nothing is opened."""
        self.record_proof.doubt(account.id)

    def closed_by_force(self, account: Account, symbol: Symbol, at_ms: int) -> None:
        """Nothing is opened in ``symbol`` for a while."""
        self.record_proof.closed_by_force(account.id, symbol, at_ms)

    def _pass(self, account: Account, turn: Turn) -> ReconciliationReport:
        venue = self.venues.trading(account)
        self._watch_clock(account, venue)
        seen = read(venue, self.clock)
        balance = venue.fetch_balance()
        self.balances.save(balance)
        unfinished = self.orders.unfinished(account.id)
        unread: dict[Symbol, Exception] = {}
        asked = self.catch_up(account, unfinished, seen.open_orders, turn, unread)
        adopted = self.settle_differences.adopt_held(account, seen, turn)
        imported = self.import_missing(account, seen.legs, unfinished, adopted, turn, unread)
        settled = self.settle_differences(account, seen, unread, turn)
        orphans = self.cancel_orphans(account, seen.open_orders, turn)
        guarded = self.guard(account, turn)
        self.check_liquidation_prices(account, tuple(seen.legs.values()), balance)
        self.meter.count("unknown_orders", sum(order.state in UNRESOLVED for order in unfinished))
        seen, legs = self.prove(account, seen, guarded)
        report = ReconciliationReport(
            account=account.id,
            epoch=turn.epoch,
            read_at_ms=seen.read_at_ms,
            finished_at_ms=self.clock.now_ms(),
            legs=legs,
            failures={symbol: str(failure) for symbol, failure in (*unread.items(), *guarded.failures.items())},
            orders_asked=asked,
            fills_imported=imported,
            adopted=settled.adopted + len(adopted),
            adjusted=settled.adjusted,
            orphans_canceled=orphans,
        )
        self._record(account, report, turn)
        self.rank_positions(account, seen.legs)
        self.catch_up.tell_of_lost(account, unfinished)
        _raise_what_failed(unread, guarded.failures)
        return report

    def _record(self, account: Account, report: ReconciliationReport, turn: Turn) -> None:
        turn.check()
        self.record_proof(account.id, report.proof)
        before = self.reconciliations.latest(account.id)
        new_hour = before is None or report.read_at_ms // HISTORY_MS != before.read_at_ms // HISTORY_MS
        self.reconciliations.save(report, historic=new_hour or not report.says_the_same_as(before))
        self._tell(report)

    def _overlapped(self, account: Account, epoch: int) -> ReconciliationReport:
        now_ms = self.clock.now_ms()
        self.meter.count("reconciliations_overlapped")
        logger.info("reconciliation_overlapped", extra={"account": account.id, "epoch": epoch})
        return ReconciliationReport(account.id, epoch, now_ms, now_ms, overlapped=True)

    def _watch_clock(self, account: Account, venue: TradingVenue) -> None:
        """With clocks further apart the age of a signal means nothing: entries wait until they agree again.

        Where the venue's time cannot be read the pass goes on: positions do not wait for their stops because of it.
        """
        try:
            offset_ms = venue.fetch_clock_offset_ms()
        except VenueReadFailed as failure:
            logger.warning("clock_not_compared", extra={"account": account.id, "cause": str(failure)})
            return
        if abs(offset_ms) <= ALARMING_OFFSET_MS:
            return
        self.notifier.alert(
            AlertLevel.HIGH,
            f"clock#{account.venue}",
            "our clock and the venue's are apart",
            {"offset_ms": str(offset_ms), "alarm_ms": str(ALARMING_OFFSET_MS)},
        )
        if abs(offset_ms) > LARGEST_OFFSET_MS:
            until_ms = self.clock.now_ms() + CLOCK_BLOCK_MS
            reason = f"our clock is {offset_ms} ms off the venue's"
            self.healths.set(VenueHealth(account.venue, until_ms, reason, entries_only=True))

    def _tell(self, report: ReconciliationReport) -> None:
        self.meter.count("reconciled")
        self.meter.count("position_differences", report.differences)
        logger.info(
            "reconciled",
            extra={
                "account": report.account,
                "epoch": report.epoch,
                "orders_asked": report.orders_asked,
                "fills_imported": report.fills_imported,
                "adopted": report.adopted,
                "adjusted": report.adjusted,
                "orphans_canceled": report.orphans_canceled,
                "differences": report.differences,
                "unproven": dict(report.proof.unproven),
            },
        )


def _raise_what_failed(unread: Mapping[Symbol, Exception], unguarded: Mapping[Symbol, Exception]) -> None:
    """The pass is told to have failed, after everything that could be done was done."""
    told = [f"{symbol}: {failure}" for failures in (unread, unguarded) for symbol, failure in failures.items()]
    if told:
        raise VenueReadFailed("; ".join(told))
