"""What cannot be read or reached for one account, symbol or order does not keep the others waiting."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.services.world import ACCOUNT, START_MS, FakeVenue, World
from tests.unit.builders import BTC, d, instrument

from undertow.adapters.aster.tally import WeightTally
from undertow.desk import Desk, Outside, assemble
from undertow.domain.account import Account, MarginType, Switch, VenuePosition
from undertow.domain.ids import AccountId, ClientOrderId, Symbol
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import Order, OrderNews, Purpose
from undertow.domain.outcome import SubmitOutcome, VenueBlocked, VenueReadFailed
from undertow.entry import AccountsFailed, for_each_account
from undertow.ground import AsterVenues, NoCredentials
from undertow.observability import Redactor
from undertow.ports import DocumentsUnavailable, StoreBusy
from undertow.risk.approval import ApprovedOrder
from undertow.services.record_order import RecordOrder

NEW = replace(ACCOUNT, id=AccountId("an-account-without-credentials"))


class DeafAbout(FakeVenue):
    """One order's question is never answered."""

    never_answered: ClientOrderId

    def fetch_order(self, symbol: Symbol, order: ClientOrderId) -> OrderNews | None:
        if order == self.never_answered:
            raise VenueReadFailed("-1121 Invalid symbol.")
        return super().fetch_order(symbol, order)


@dataclass(frozen=True)
class Wired:
    """The venues of two accounts, one of which has no credentials."""

    venue: FakeVenue

    def trading(self, account: Account) -> FakeVenue:
        if account == NEW:
            raise NoCredentials(f"account {account.id} has no credentials")
        return self.venue


class CannotBeAskedAbout(FakeVenue):
    """Nothing about one symbol's orders is answered."""

    symbol: Symbol

    def submit(self, order: ApprovedOrder) -> SubmitOutcome:
        if order.intent.symbol == self.symbol:
            raise StoreBusy("the tables are busy")
        return super().submit(order)


@dataclass(frozen=True)
class Everywhere:
    venue: FakeVenue

    def trading(self, account: Account) -> FakeVenue:
        return self.venue


class FailsToListPositions(FakeVenue):
    def fetch_positions(self) -> tuple[VenuePosition, ...]:
        raise VenueBlocked(self.clock.now_ms() + 60_000, "429")


def desk_at(world: World, venues: Any) -> Desk:
    return assemble(
        Outside(
            world.desk.repositories,
            world.params,
            venues,
            world.follow_ups,
            world.notifier,
            world.meter,
            world.clock,
        )
    )


def test_an_account_without_credentials_does_not_keep_the_others_from_their_pass(world: World) -> None:
    world.holding()
    world.venue.positions = [
        VenuePosition(
            BTC, PositionSide.LONG, d("0.009"), d("100001"), d("1"), d("0"), 10, MarginType.ISOLATED, None, START_MS
        )
    ]
    stop = world.position.stop_order
    assert stop is not None
    world.venue.cancel(BTC, stop)
    known = world.params.current()
    accounts = {NEW.id: NEW, **known.globals.accounts}
    world.params.replace(replace(known, globals=replace(known.globals, accounts=accounts)))
    world.clock.advance(60_000)
    run = for_each_account(lambda: desk_at(world, Wired(world.venue)), lambda desk: desk.reconcile)()
    with pytest.raises(AccountsFailed, match="no credentials"):
        run()
    assert world.position.stop_order != stop
    assert world.position.stop_order in world.venue.standing


def run_for_two_accounts(world: World, failure: Exception) -> Callable[[], None]:
    """A pass over two accounts, the first of which fails."""

    class Failing:
        def trading(self, account: Account) -> FakeVenue:
            if account == NEW:
                raise failure
            return world.venue

    known = world.params.current()
    accounts = {NEW.id: NEW, **known.globals.accounts}
    world.params.replace(replace(known, globals=replace(known.globals, accounts=accounts)))
    return for_each_account(lambda: desk_at(world, Failing()), lambda desk: desk.reconcile)()


@pytest.mark.parametrize("failure", [StoreBusy("throttled"), NoCredentials("the secret is not JSON")])
def test_an_account_whose_rows_or_secret_cannot_be_read_does_not_keep_the_others_waiting(
    failure: Exception, world: World
) -> None:
    world.venue.positions = [
        VenuePosition(
            BTC, PositionSide.LONG, d("0.009"), d("100001"), d("1"), d("0"), 10, MarginType.ISOLATED, None, START_MS
        )
    ]
    run = run_for_two_accounts(world, failure)
    with pytest.raises(AccountsFailed, match=str(failure)):
        run()
    assert world.slot.position is not None


@dataclass
class StoredSecret:
    text: str

    def get(self, account: AccountId) -> str:
        return self.text


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        '{"user": "0x1"}',
        '{"user": "0x1", "agent_key": "0x12"}',
        '{"api_key": "k", "secret": "s", "recv_window_ms": 99999999}',
    ],
)
def test_a_malformed_secret_is_an_accounts_own_trouble_and_is_never_shown(text: str, world: World) -> None:
    secrets: Any = StoredSecret(text)
    venues = AsterVenues("http://127.0.0.1:1", secrets, world.clock, world.params, Redactor(), WeightTally("test"))
    with pytest.raises(NoCredentials, match=r"account main cannot be used") as told:
        venues.trading(ACCOUNT)
    assert "0x12" not in str(told.value)


def test_a_stop_is_known_as_never_sent_where_the_secret_could_not_be_read(world: World) -> None:
    """A cold start reads it when the order is on record already, and a burst of cold starts is throttled."""

    class Throttled:
        def get(self, _account: AccountId) -> str | None:
            raise DocumentsUnavailable("ThrottlingException")

    world.holding()
    stop = world.position.stop_order
    assert stop is not None
    world.desk.expire.cancel(ACCOUNT, world.order(stop))
    secrets: Any = Throttled()
    venues = AsterVenues("http://127.0.0.1:1", secrets, world.clock, world.params, Redactor(), WeightTally("test"))
    desk_at(world, venues).protect(ACCOUNT, BTC, world.position.side)
    orders = world.desk.repositories.orders.recent(ACCOUNT.id, 0, world.clock.now_ms(), 100)
    (tried,) = [order for order in orders if order.created_at_ms == world.clock.now_ms() and order.was_never_sent]
    assert tried.intent.purpose is Purpose.STOP_LOSS


def test_a_position_that_cannot_be_guarded_does_not_keep_the_next_one_from_its_stop(world: World) -> None:
    eth = Symbol("ETHUSDT")
    world.desk.repositories.instruments.save([instrument(symbol=eth)])
    world.venue.positions = [
        VenuePosition(
            symbol, PositionSide.LONG, d("0.01"), d("100000"), d("1"), d("0"), 10, MarginType.ISOLATED, None, START_MS
        )
        for symbol in (BTC, eth)
    ]
    deaf = CannotBeAskedAbout(world.clock, positions=world.venue.positions)
    deaf.symbol = BTC
    with pytest.raises(VenueReadFailed, match="BTCUSDT: the tables are busy"):
        desk_at(world, Everywhere(deaf)).reconcile(ACCOUNT)
    guarded = world.desk.repositories.ledger.slot(ACCOUNT.id, eth, PositionSide.LONG).position
    assert guarded is not None
    assert guarded.stop_order in deaf.standing
    assert world.meter.counts["unprotected_positions"] == 1


def test_an_order_that_cannot_be_asked_about_does_not_keep_the_rest_from_being_reconciled(world: World) -> None:
    world.holding()
    stop, target = world.position.stop_order, world.position.target_order
    assert stop is not None
    assert target is not None
    deaf = DeafAbout(world.clock)
    deaf.standing, deaf.ended, deaf.trades = world.venue.standing, world.venue.ended, world.venue.trades
    deaf.never_answered = stop
    world.clock.advance(60_000)
    deaf.standing.pop(stop)
    deaf.fill(target, d("0.009"), d("102000"))
    with pytest.raises(VenueReadFailed):
        desk_at(world, Everywhere(deaf)).reconcile(ACCOUNT)
    assert world.slot.position is None


def test_a_fill_that_is_booked_stays_done_when_the_venue_cannot_be_asked_what_else_there_is(world: World) -> None:
    world.holding()
    target = world.position.target_order
    assert target is not None
    event = world.venue.fill(target, d("0.009"), d("102000"))
    assert event.fill is not None
    more = replace(event, fill=replace(event.fill, quantity=d("0.02")))
    world.venue.trades.clear()
    deaf = FailsToListPositions(world.clock, world.venue.submitted, world.venue.standing, world.venue.ended)
    desk_at(world, Everywhere(deaf)).track(ACCOUNT, more)
    assert world.slot.position is None


def test_a_clock_too_wrong_for_entries_does_not_stop_reconciliation(world: World) -> None:
    def wrong_clock(_order: ApprovedOrder) -> SubmitOutcome:
        raise VenueBlocked(world.clock.now_ms() + 60_000, "our clock is 1500 ms off", entries_only=True)

    world.venue.answers = [wrong_clock]
    world.entered()
    assert world.desk.repositories.healths.get(ACCOUNT.venue).entries_only
    world.desk.reconcile(ACCOUNT)


@dataclass(slots=True)
class BusyOnce:
    """The first order that ends cannot be written down."""

    inner: RecordOrder
    left: int = 1

    def news(self, order: Order, news: OrderNews) -> Order:
        self.left -= 1
        if self.left >= 0:
            raise StoreBusy("the tables are busy")
        return self.inner.news(order, news)


@pytest.mark.parametrize("switch", [Switch.CLOSE_ONLY, Switch.RUNNING])
def test_an_entry_that_cannot_be_written_down_leaves_no_other_on_the_book(world: World, switch: Switch) -> None:
    """By the switch as by the end of their time."""
    first = world.entered()
    (second,) = world.desk.evaluate(world.liquidation_batch(2, side=Side.BUY))
    world.switch(switch)
    world.clock.advance(120_000)
    manage = world.desk.manage
    cancel = replace(manage.cancel, record=BusyOnce(manage.cancel.record))  # type: ignore[arg-type]
    with pytest.raises(StoreBusy):
        replace(manage, cancel=cancel, expire=replace(manage.expire, cancel=cancel))(ACCOUNT)
    assert set(world.venue.canceled) == {first, second.client_order_id}
