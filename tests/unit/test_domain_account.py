"""Small facts about accounts, markets and what became of requests."""

import pytest
from tests.unit.builders import ACCOUNT, balance, book, control, d, fill, liquidation

from undertow.domain.account import Switch, VenueHealth, never_switched
from undertow.domain.market import Venue
from undertow.domain.outcome import VenueBlocked, VenueReadFailed, VenueUnreachable


@pytest.mark.parametrize("switch", Switch)
def test_only_a_running_account_admits_entries(switch: Switch) -> None:
    assert control(switch).admits_entries == (switch is Switch.RUNNING)


@pytest.mark.parametrize(("now_ms", "blocks"), [(999, True), (1_000, False), (1_001, False)])
def test_a_venue_is_blocked_until_its_deadline(now_ms: int, blocks: bool) -> None:
    assert VenueHealth(Venue.ASTER, 1_000, "429").blocks(now_ms) is blocks


def test_a_venue_without_a_deadline_may_be_called() -> None:
    assert not VenueHealth(Venue.ASTER).blocks(0)


BAN, LONGER_BAN = VenueHealth(Venue.ASTER, 2_000, "418"), VenueHealth(Venue.ASTER, 3_000, "418")
NO_ENTRIES = VenueHealth(Venue.ASTER, 2_500, "-4400", entries_only=True)


@pytest.mark.parametrize(
    ("sentence", "known", "other", "now_ms", "yields"),
    [
        ("a later deadline extends a ban", BAN, LONGER_BAN, 1_000, True),
        ("an earlier deadline does not shorten a ban", LONGER_BAN, BAN, 1_000, False),
        ("the same ban again changes nothing", BAN, BAN, 1_000, False),
        ("a ban is not weakened to a block of entries, however long", BAN, NO_ENTRIES, 1_000, False),
        ("a block of entries gives way to a ban, however short", NO_ENTRIES, BAN, 1_000, True),
        ("a ban that is over gives way", BAN, NO_ENTRIES, 2_000, True),
        ("anything gives way to nothing known", VenueHealth(Venue.ASTER), NO_ENTRIES, 1_000, True),
    ],
)
def test_what_forbids_all_calls_outranks_what_forbids_entries(
    sentence: str, known: VenueHealth, other: VenueHealth, now_ms: int, yields: bool
) -> None:
    assert known.yields_to(other, now_ms) is yields


def test_an_account_that_was_never_switched_on_admits_nothing() -> None:
    untouched = never_switched(ACCOUNT)
    assert (untouched.account, untouched.switch, untouched.version) == (ACCOUNT, Switch.PAUSED, 0)
    assert not untouched.admits_entries


def test_equity_is_wallet_plus_unrealized() -> None:
    assert balance(wallet=d("100"), unrealized=d("-30")).equity == d("70")


def test_the_middle_and_the_spread_of_a_book() -> None:
    prices = book("99.5", "100.5")
    assert (prices.mid, prices.spread) == (d("100"), d("1"))


def test_notional_is_quantity_times_price() -> None:
    assert fill("0.3", "1000").notional == d("300")
    assert liquidation().notional == d("3000")


def test_a_blocked_venue_was_not_reached_and_says_until_when() -> None:
    blocked = VenueBlocked(1_234, "418")
    assert isinstance(blocked, VenueUnreachable)
    assert not isinstance(blocked, VenueReadFailed)
    assert (blocked.until_ms, blocked.reason) == (1_234, "418")
    assert str(blocked) == "the venue may not be called until 1234 ms: 418"
