"""What cannot be read or reached for one account, symbol or order does not keep the others waiting."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.services.world import ACCOUNT, START_MS, FakeVenue, World
from tests.unit.builders import BTC, d

from undertow.bootstrap import Desk, NoCredentials, Outside, assemble
from undertow.domain.account import Account, MarginType, VenuePosition
from undertow.domain.ids import AccountId, ClientOrderId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderNews
from undertow.domain.outcome import SubmitOutcome, VenueBlocked, VenueReadFailed
from undertow.entry import AccountsFailed, for_each_account
from undertow.risk.approval import ApprovedOrder

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
