"""What is known of accounts and venues now."""

from dataclasses import replace

from tests.contract.repositories.make import (
    ACCOUNT,
    BIANCE,
    BTC,
    NOW_MS,
    OTHER,
    balance,
    control,
    heartbeat,
    instrument,
    readiness,
)

from undertow.adapters.memory import SettableClock
from undertow.domain.account import Switch, VenueHealth, never_switched
from undertow.domain.ids import Symbol
from undertow.domain.market import Venue
from undertow.ports import Repositories


def test_an_account_that_was_never_switched_is_paused(kept: Repositories) -> None:
    assert kept.controls.get(ACCOUNT) == never_switched(ACCOUNT)
    assert not kept.controls.get(ACCOUNT).admits_entries


def test_a_switch_is_set_over_the_version_before_it_and_no_other(kept: Repositories) -> None:
    assert not kept.controls.set(control(version=2))
    assert kept.controls.set(control(version=1))
    assert not kept.controls.set(control(Switch.FLATTEN, version=1))
    assert not kept.controls.set(control(Switch.FLATTEN, version=3))
    assert kept.controls.get(ACCOUNT) == control(version=1)
    assert kept.controls.set(control(Switch.FLATTEN, version=2))
    assert kept.controls.get(ACCOUNT) == control(Switch.FLATTEN, version=2)
    assert kept.controls.get(OTHER) == never_switched(OTHER)


def test_of_two_deadlines_of_a_venue_the_later_holds(kept: Repositories) -> None:
    assert kept.healths.get(Venue.ASTER) == VenueHealth(Venue.ASTER)
    banned, slowed = VenueHealth(Venue.ASTER, NOW_MS + 100, "418"), VenueHealth(Venue.ASTER, NOW_MS + 50, "429")
    kept.healths.set(slowed)
    kept.healths.set(banned)
    kept.healths.set(slowed)
    assert kept.healths.get(Venue.ASTER) == banned
    assert kept.healths.get(Venue.HYPERLIQUID) == VenueHealth(Venue.HYPERLIQUID)


def test_a_block_of_everything_is_never_weakened_to_one_of_entries_only(
    kept: Repositories, clock: SettableClock
) -> None:
    entries = VenueHealth(Venue.ASTER, NOW_MS + 100, "clocks apart", entries_only=True)
    banned = VenueHealth(Venue.ASTER, NOW_MS + 50, "418")
    kept.healths.set(entries)
    kept.healths.set(replace(entries, blocked_until_ms=NOW_MS + 90))
    assert kept.healths.get(Venue.ASTER) == entries
    kept.healths.set(banned)
    assert kept.healths.get(Venue.ASTER) == banned
    kept.healths.set(entries)
    assert kept.healths.get(Venue.ASTER) == banned
    clock.advance(50)
    kept.healths.set(entries)
    assert kept.healths.get(Venue.ASTER) == entries


def test_each_worker_has_one_heartbeat_the_last(kept: Repositories) -> None:
    assert kept.heartbeats.all() == []
    kept.heartbeats.put(heartbeat("w2", last_user_event_ms=NOW_MS, listen_key_renewed_at_ms=NOW_MS))
    kept.heartbeats.put(heartbeat("w1"))
    kept.heartbeats.put(heartbeat("w1", epoch=4, window_covered=True))
    assert kept.heartbeats.all() == [
        heartbeat("w1", epoch=4, window_covered=True),
        heartbeat("w2", last_user_event_ms=NOW_MS, listen_key_renewed_at_ms=NOW_MS),
    ]


def test_hundreds_of_instruments_are_saved_in_one_call_and_the_last_of_each_holds(kept: Repositories) -> None:
    symbols = [*sorted(Symbol(f"T{number}USDT") for number in range(230)), BIANCE]
    kept.instruments.save([instrument(symbol) for symbol in symbols])
    kept.instruments.save([instrument(BIANCE), instrument(BIANCE, status="SETTLING")])
    assert [one.symbol for one in kept.instruments.all(Venue.ASTER)] == symbols
    assert kept.instruments.get(Venue.ASTER, BIANCE) == instrument(BIANCE, status="SETTLING")
    assert kept.instruments.get(Venue.HYPERLIQUID, BIANCE) is None
    assert kept.instruments.get(Venue.ASTER, BTC) is None


def test_an_older_balance_is_history_and_never_the_latest(kept: Repositories) -> None:
    assert kept.balances.latest(ACCOUNT) is None
    new, old = balance(NOW_MS), balance(NOW_MS - 1, wallet="5")
    kept.balances.save(new)
    kept.balances.save(old)
    assert kept.balances.latest(ACCOUNT) == new
    assert kept.balances.history(ACCOUNT, NOW_MS - 1, NOW_MS) == [old, new]
    assert kept.balances.history(ACCOUNT, NOW_MS, NOW_MS) == [new]
    assert kept.balances.history(ACCOUNT, NOW_MS + 1, NOW_MS) == []
    assert kept.balances.history(ACCOUNT, NOW_MS - 9, NOW_MS - 1) == [old]
    assert kept.balances.latest(OTHER) is None


def test_a_balance_of_the_same_moment_replaces_the_other(kept: Repositories) -> None:
    kept.balances.save(balance(NOW_MS))
    kept.balances.save(balance(NOW_MS, wallet="7"))
    assert kept.balances.latest(ACCOUNT) == balance(NOW_MS, wallet="7")
    assert kept.balances.history(ACCOUNT, 0, NOW_MS) == [balance(NOW_MS, wallet="7")]


def test_a_symbol_has_one_readiness_the_one_verified_last(kept: Repositories) -> None:
    kept.readinesses.save(readiness(BTC, leverage=20))
    kept.readinesses.save(readiness(BTC, leverage=5, verified_at_ms=NOW_MS - 1))
    kept.readinesses.save(readiness(BIANCE))
    assert kept.readinesses.all(ACCOUNT) == [readiness(BTC, leverage=20), readiness(BIANCE)]
    assert kept.readinesses.all(OTHER) == []
    kept.readinesses.save(replace(readiness(BTC), account=OTHER, multi_assets=True))
    assert kept.readinesses.all(OTHER) == [replace(readiness(BTC), account=OTHER, multi_assets=True)]


def test_the_latest_use_of_each_caller_is_kept(kept: Repositories) -> None:
    kept.uses.note("token abcdefgh", NOW_MS)
    kept.uses.note("user anna", NOW_MS + 5)
    kept.uses.note("token abcdefgh", NOW_MS + 9)
    kept.uses.note("token abcdefgh", NOW_MS - 9)
    assert kept.uses.last() == {"token abcdefgh": NOW_MS + 9, "user anna": NOW_MS + 5}
