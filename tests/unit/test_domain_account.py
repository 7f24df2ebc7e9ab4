"""Small facts about accounts, markets and what became of requests."""

import pytest
from tests.unit.builders import balance, book, control, d, fill, liquidation

from undertow.domain.account import Switch, VenueHealth
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
