"""The composition root: the one place that knows every concrete class. Importing it does nothing."""

from dataclasses import dataclass

from undertow.domain.account import Account, Mode
from undertow.domain.ids import AccountId
from undertow.ports import (
    Clock,
    FollowUps,
    Meter,
    Notifier,
    ParamsSource,
    Repositories,
    Venues,
)
from undertow.services.book_fill import BookFill
from undertow.services.cancel_order import CancelOrder
from undertow.services.close_position import ClosePosition
from undertow.services.evaluate import Evaluate
from undertow.services.expire_order import ExpireOrder
from undertow.services.guard_position import GuardPosition
from undertow.services.import_fills import ImportFills
from undertow.services.manage_positions import ManagePositions
from undertow.services.place_order import PlaceOrder
from undertow.services.protect import Protect
from undertow.services.reconcile import Reconcile
from undertow.services.record_order import RecordOrder
from undertow.services.resolve_unconfirmed import ResolveUnconfirmed
from undertow.services.sync_instruments import SyncInstruments
from undertow.services.take_up import TakeUp
from undertow.services.track_account import TrackAccount


@dataclass(frozen=True, slots=True)
class Desk:
    """Every use case, wired. What differs between live, local and simulated is what was plugged in."""

    repositories: Repositories
    params: ParamsSource
    notifier: Notifier
    clock: Clock
    evaluate: Evaluate
    place: PlaceOrder
    protect: Protect
    guard: GuardPosition
    track: TrackAccount
    take_up: TakeUp
    resolve: ResolveUnconfirmed
    expire: ExpireOrder
    manage: ManagePositions
    reconcile: Reconcile
    sync_instruments: SyncInstruments

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
    """Everything that a desk needs of the outside world."""

    repositories: Repositories
    params: ParamsSource
    venues: Venues
    follow_ups: FollowUps
    notifier: Notifier
    meter: Meter
    clock: Clock


def assemble(outside: Outside) -> Desk:
    """Wire the services over any set of adapters."""
    kept, venues, clock = outside.repositories, outside.venues, outside.clock
    notifier, meter, follow_ups, params = outside.notifier, outside.meter, outside.follow_ups, outside.params
    record = RecordOrder(kept.ledger, kept.orders, clock)
    book = BookFill(kept.ledger, kept.orders, clock, meter)
    place = PlaceOrder(kept.ledger, kept.orders, venues, kept.healths, follow_ups, record, clock, meter)
    cancel = CancelOrder(kept.orders, venues, record)
    import_fills = ImportFills(kept.orders, kept.fills, venues, book, record, clock)
    resolve = ResolveUnconfirmed(kept.orders, venues, record, import_fills, follow_ups, notifier, clock, meter)
    close = ClosePosition(kept.orders, kept.instruments, place, notifier)
    protect = Protect(
        kept.ledger, kept.orders, kept.instruments, params, place, cancel, close, resolve, notifier, clock, meter
    )
    guard = GuardPosition(kept.ledger, params, protect, close, follow_ups, notifier, clock)
    expire = ExpireOrder(kept.orders, cancel, import_fills, clock)
    reconcile = Reconcile(
        kept.ledger,
        kept.orders,
        kept.balances,
        kept.healths,
        venues,
        record,
        resolve,
        import_fills,
        cancel,
        guard,
        notifier,
        clock,
        meter,
    )
    return Desk(
        repositories=kept,
        params=params,
        notifier=notifier,
        clock=clock,
        evaluate=Evaluate(
            params,
            kept.ledger,
            kept.orders,
            kept.decisions,
            kept.instruments,
            kept.readinesses,
            venues,
            place,
            resolve,
            clock,
            meter,
        ),
        place=place,
        protect=protect,
        guard=guard,
        track=TrackAccount(
            kept.ledger,
            kept.orders,
            kept.fills,
            book,
            record,
            protect,
            guard,
            cancel,
            import_fills,
            reconcile,
            notifier,
            meter,
        ),
        take_up=TakeUp(resolve, expire, guard, protect),
        resolve=resolve,
        expire=expire,
        manage=ManagePositions(kept.ledger, kept.orders, kept.controls, expire, cancel, close, guard, clock),
        reconcile=reconcile,
        sync_instruments=SyncInstruments(params, kept.instruments, kept.readinesses, kept.ledger, venues, clock, meter),
    )
