"""Trading rules and leverage tiers: fresh from the venue, and the last known tiers where it does not tell them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from tests.services.world import ACCOUNT, World, new_world, parameters
from tests.unit.builders import BRACKETS, BTC, HUNTER, hunter_params, instrument

from undertow.domain.account import Account, Mode
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import Venue
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import HunterStrategy
from undertow.services.sync_instruments import SyncInstruments

ETH = Symbol("ETHUSDT")
SECOND = replace(ACCOUNT, id=AccountId("second"))


@dataclass(slots=True)
class Rules:
    listed: list[Instrument]

    def fetch_instruments(self) -> Sequence[Instrument]:
        return tuple(self.listed)


@dataclass(slots=True)
class SomeVenues:
    """``without_keys`` are accounts that have no credentials."""

    world: World
    rules: Rules
    without_keys: set[AccountId] = field(default_factory=set)
    asked: list[AccountId] = field(default_factory=list)

    def trading(self, account: Account) -> object:
        if account.id in self.without_keys:
            raise LookupError(f"account {account.id} has no credentials")
        self.asked.append(account.id)
        return self.world.venue

    def market_data(self, venue: Venue) -> Rules:
        assert venue is Venue.ASTER
        return self.rules


@dataclass(slots=True)
class Office:
    world: World
    venues: SomeVenues
    sync: SyncInstruments

    def kept(self, symbol: Symbol = BTC) -> Instrument:
        found = self.world.desk.repositories.instruments.get(Venue.ASTER, symbol)
        assert found is not None
        return found

    def with_accounts(self, *accounts: Account) -> None:
        given = parameters()
        limits = {account.id: given.globals.limits[ACCOUNT.id] for account in accounts}
        shared = replace(given.globals, accounts={one.id: one for one in accounts}, limits=limits)
        self.world.params.replace(replace(given, globals=shared, strategies={}))


@pytest.fixture
def office() -> Office:
    world = new_world()
    venues = SomeVenues(world, Rules([replace(instrument(), brackets=()), instrument(symbol=ETH, brackets=())]))
    kept = world.desk.repositories
    sync = SyncInstruments(
        world.params, kept.instruments, kept.readinesses, kept.ledger, venues, world.clock, world.meter
    )
    made = Office(world, venues, sync)
    made.with_accounts(ACCOUNT)
    kept.instruments.save(venues.rules.listed)
    world.venue.brackets = {BTC: BRACKETS, ETH: BRACKETS[:1]}
    return made


def test_tiers_are_kept_with_the_rules_of_their_symbol(office: Office) -> None:
    office.sync()
    assert (office.kept().brackets, office.kept(ETH).brackets) == (BRACKETS, BRACKETS[:1])


@pytest.mark.parametrize("failure", [VenueReadFailed("503"), VenueUnreachable("no route")])
def test_tiers_that_cannot_be_read_stay_as_they_were_and_the_rules_are_fresh_all_the_same(
    office: Office, failure: Exception
) -> None:
    office.sync()
    office.world.venue.brackets_failure = failure
    office.venues.rules.listed = [replace(one, tick_size=one.tick_size * 2) for one in office.venues.rules.listed]
    office.sync()
    assert office.kept().tick_size == instrument().tick_size * 2
    assert office.kept().brackets == BRACKETS
    assert office.world.meter.counts["brackets_not_read"] == 1


def test_a_symbol_that_the_answer_leaves_out_keeps_its_tiers_and_the_others_get_new_ones(office: Office) -> None:
    office.sync()
    office.world.venue.brackets = {ETH: BRACKETS[:2]}
    office.sync()
    assert (office.kept().brackets, office.kept(ETH).brackets) == (BRACKETS, BRACKETS[:2])


def test_where_tiers_were_never_read_there_are_none(office: Office) -> None:
    office.world.venue.brackets_failure = VenueReadFailed("503")
    office.sync()
    assert office.kept().brackets == ()


def test_a_live_account_is_asked_before_a_demo_one_and_one_answer_is_enough(office: Office) -> None:
    office.with_accounts(replace(SECOND, mode=Mode.DEMO), ACCOUNT)
    office.sync()
    assert office.venues.asked == [ACCOUNT.id]


def test_an_account_without_credentials_leaves_the_question_to_the_next(office: Office) -> None:
    office.with_accounts(ACCOUNT, SECOND)
    office.venues.without_keys = {ACCOUNT.id}
    office.sync()
    assert office.venues.asked == [SECOND.id]
    assert office.kept().brackets == BRACKETS


def test_an_account_that_only_simulates_is_never_asked(office: Office) -> None:
    office.with_accounts(replace(ACCOUNT, mode=Mode.SIMULATE))
    office.sync()
    assert office.venues.asked == []
    assert office.kept().brackets == ()


@pytest.mark.parametrize("simulate", [False, True])
def test_a_symbol_that_only_simulates_is_left_as_it_stands_at_the_venue(office: Office, simulate: bool) -> None:
    hunter = HunterStrategy(HUNTER, ACCOUNT.id, True, {BTC: hunter_params(simulate=simulate)}, "h1")
    office.world.params.replace(replace(parameters(), strategies={HUNTER: hunter}))
    office.sync()
    verified = [one.symbol for one in office.world.desk.repositories.readinesses.all(ACCOUNT.id)]
    assert verified == ([] if simulate else [BTC])
