"""Every use case, wired over ports: what differs between live, local and simulated is what is plugged in.

The tree of services is put together here and nowhere else; `bootstrap` brings the adapters. Importing does nothing.
"""

from dataclasses import dataclass

from undertow.adapters.shared_blocks import BlockSharingVenues
from undertow.domain.account import Account, Mode
from undertow.domain.ids import AccountId
from undertow.ports import (
    Clock,
    ContactTally,
    FollowUps,
    Meter,
    Notifier,
    ParamsSource,
    Repositories,
    Venues,
)
from undertow.services.add_layers import AddLayers
from undertow.services.book_fill import BookFill
from undertow.services.cancel_layers import CancelLayers
from undertow.services.cancel_order import CancelOrder
from undertow.services.cancel_orphans import CancelOrphans
from undertow.services.carry_out import CarryOut
from undertow.services.catch_up_orders import CatchUpOrders
from undertow.services.check_entry import CheckEntry
from undertow.services.check_liquidation_prices import CheckLiquidationPrices
from undertow.services.check_stop import CheckStop
from undertow.services.close_position import ClosePosition
from undertow.services.count_transfers import CountTransfers
from undertow.services.enter import Enter
from undertow.services.evaluate import Evaluate
from undertow.services.expire_order import ExpireOrder
from undertow.services.guard_position import GuardPosition
from undertow.services.guard_positions import GuardPositions
from undertow.services.hold_layers import HoldLayers
from undertow.services.import_fills import ImportFills
from undertow.services.import_history import ImportHistory
from undertow.services.import_income import ImportIncome
from undertow.services.import_missing import ImportMissing
from undertow.services.keep_contacts import KeepContacts
from undertow.services.manage_positions import ManagePositions
from undertow.services.monitor_account import MonitorAccount
from undertow.services.move_stop import MoveStop
from undertow.services.place_order import PlaceOrder
from undertow.services.protect import Protect
from undertow.services.prove_equality import ProveEquality
from undertow.services.rank_positions import RankPositions
from undertow.services.read_request import ReadRequest
from undertow.services.reconcile import Reconcile
from undertow.services.record_order import RecordOrder
from undertow.services.record_proof import RecordProof
from undertow.services.refresh_rules import RefreshRules
from undertow.services.resolve_unconfirmed import ResolveUnconfirmed
from undertow.services.settle_differences import SettleDifferences
from undertow.services.sync_instruments import SyncInstruments
from undertow.services.sync_trades import SyncTrades
from undertow.services.take_turn import TakeTurn
from undertow.services.take_up import TakeUp
from undertow.services.tell_later import TellLater
from undertow.services.tell_of_position import TellOfPosition
from undertow.services.tidy_up import TidyUp
from undertow.services.track_account import TrackAccount
from undertow.services.trail_stop import TrailStop
from undertow.services.watch_account import WatchAccount


@dataclass(frozen=True, slots=True)
class Desk:
    """Every use case, wired. What differs between live, local and simulated is what was plugged in."""

    repositories: Repositories
    params: ParamsSource
    notifier: Notifier
    clock: Clock
    meter: Meter
    evaluate: Evaluate
    place: PlaceOrder
    protect: Protect
    guard: GuardPosition
    track: TrackAccount
    take_up: TakeUp
    resolve: ResolveUnconfirmed
    expire: ExpireOrder
    manage: ManagePositions
    watch: WatchAccount
    reconcile: Reconcile
    sync_instruments: SyncInstruments
    import_history: ImportHistory
    carry_out: CarryOut
    keep_contacts: KeepContacts

    def account(self, account: AccountId) -> Account:
        """The account as configured now. Raises UnknownAccount."""
        found = self.params.current().globals.accounts.get(account)
        if found is None:
            raise UnknownAccount(f"account {account} is not among the configured accounts")
        return found

    def trading_accounts(self) -> tuple[Account, ...]:
        """Accounts that exist at a venue: all but those in simulate mode."""
        accounts = self.params.current().globals.accounts.values()
        return tuple(account for account in accounts if account.mode is not Mode.SIMULATE)


class UnknownAccount(LookupError):
    """A message names an account that the globals do not have."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything that a desk needs of the outside world. ``tally`` is what its venues count, None where they do not."""

    repositories: Repositories
    params: ParamsSource
    venues: Venues
    follow_ups: FollowUps
    notifier: Notifier
    meter: Meter
    clock: Clock
    tally: ContactTally | None = None


def assemble(outside: Outside) -> Desk:
    """Wire the services over any set of adapters."""
    kept, clock = outside.repositories, outside.clock
    venues = BlockSharingVenues(outside.venues, kept.healths, clock)
    notifier, meter = TellLater(outside.notifier), outside.meter
    tell = TellOfPosition(kept.ledger, notifier, clock)
    follow_ups, params = outside.follow_ups, outside.params
    record = RecordOrder(kept.ledger, kept.orders, clock)
    book = BookFill(kept.ledger, kept.orders, clock, meter)
    refresh_rules = RefreshRules(kept.instruments, venues, clock, meter)
    place = PlaceOrder(kept.ledger, kept.orders, venues, follow_ups, record, refresh_rules, clock, meter)
    cancel = CancelOrder(kept.orders, venues, record)
    cancel_layers = CancelLayers(kept.orders, cancel)
    tidy_up = TidyUp(kept.ledger, kept.orders, cancel, cancel_layers, tell)
    import_fills = ImportFills(kept.ledger, kept.orders, kept.fills, venues, book, record, tidy_up, clock)
    resolve = ResolveUnconfirmed(kept.orders, venues, record, import_fills, follow_ups, notifier, clock, meter)
    close = ClosePosition(kept.orders, kept.instruments, place, resolve, notifier, clock)
    protect = Protect(
        kept.ledger, kept.orders, kept.instruments, params, place, cancel, close, resolve, notifier, tell, clock, meter
    )
    check_entry = CheckEntry(
        kept.ledger, kept.orders, venues, record, import_fills, resolve, protect, follow_ups, clock
    )
    guard = GuardPosition(kept.ledger, params, check_entry, protect, close, follow_ups, notifier, tell, clock)
    check_stop = CheckStop(kept.orders, venues, record, import_fills, guard, clock)
    enter = Enter(kept.ledger, kept.orders, kept.readinesses, venues, place, resolve, protect, clock, meter)
    expire = ExpireOrder(kept.orders, cancel, import_fills, protect, clock)
    monitor = MonitorAccount(
        kept.ledger, kept.balances, kept.guards, kept.instruments, params, close, notifier, clock, meter
    )
    trail = TrailStop(kept.ledger, kept.instruments, params, cancel_layers, protect, clock, meter)
    add_layers = AddLayers(params, kept.decisions, kept.instruments, enter, clock, meter)
    carry_out = CarryOut(
        kept.ledger,
        kept.requests,
        venues,
        ReadRequest(kept.instruments, params),
        close,
        MoveStop(kept.ledger, kept.instruments, params, cancel_layers, protect, clock),
        HoldLayers(kept.ledger, cancel_layers, clock),
        clock,
        meter,
    )
    orphans = CancelOrphans(kept.ledger, kept.orders, cancel, clock)
    reconcile = Reconcile(
        kept.orders,
        kept.balances,
        kept.healths,
        venues,
        kept.reconciliations,
        TakeTurn(kept.leases, clock),
        CatchUpOrders(venues, record, resolve, import_fills, notifier, clock),
        ImportMissing(kept.ledger, kept.orders, kept.fills, kept.trades, import_fills, clock),
        SettleDifferences(kept.ledger, kept.orders, kept.instruments, params, venues, notifier, clock),
        orphans,
        GuardPositions(kept.ledger, guard, notifier, meter),
        CheckLiquidationPrices(kept.instruments, notifier, meter),
        ProveEquality(kept.ledger, kept.orders, venues, orphans, notifier, clock),
        RecordProof(kept.guards, clock),
        RankPositions(kept.adl_rankings, venues, clock),
        notifier,
        clock,
        meter,
    )
    import_history = ImportHistory(
        kept.ledger,
        kept.checkpoints,
        params,
        ImportIncome(kept.incomes, kept.checkpoints, venues, clock, meter),
        CountTransfers(kept.incomes, kept.guards, kept.balances, params, notifier, meter),
        SyncTrades(kept.trades, kept.fills, kept.checkpoints, venues, import_fills, notifier, clock, meter),
        TakeTurn(kept.leases, clock),
        clock,
        meter,
    )
    return Desk(
        repositories=kept,
        params=params,
        notifier=notifier,
        clock=clock,
        meter=meter,
        evaluate=Evaluate(params, kept.orders, kept.decisions, kept.instruments, enter, close, clock, meter),
        place=place,
        protect=protect,
        guard=guard,
        track=TrackAccount(
            kept.ledger,
            kept.orders,
            kept.fills,
            kept.readinesses,
            book,
            record,
            protect,
            guard,
            tidy_up,
            import_fills,
            reconcile,
            notifier,
            meter,
        ),
        take_up=TakeUp(resolve, check_entry, expire, guard, protect),
        resolve=resolve,
        expire=expire,
        manage=ManagePositions(
            kept.ledger,
            kept.orders,
            kept.controls,
            expire,
            cancel,
            cancel_layers,
            close,
            guard,
            check_stop,
            monitor,
            carry_out,
            notifier,
            clock,
        ),
        watch=WatchAccount(kept.ledger, guard, check_stop, monitor, trail, add_layers, notifier, clock),
        reconcile=reconcile,
        sync_instruments=SyncInstruments(params, kept.instruments, kept.readinesses, kept.ledger, venues, clock, meter),
        import_history=import_history,
        carry_out=carry_out,
        keep_contacts=KeepContacts(outside.tally, kept.contacts, clock),
    )
