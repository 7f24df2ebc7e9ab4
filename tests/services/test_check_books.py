"""The scheduled check that the records explain the wallet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.functions.bookkeeping import imported, kept_books, read
from tests.services.world import ACCOUNT, World, new_world
from tests.unit.accounts import HOUR_MS, MINUTE_MS, entered, received
from tests.unit.builders import NOW_MS, d

from undertow.adapters.memory import StaticParams
from undertow.domain.account import Mode
from undertow.domain.ids import AccountId
from undertow.domain.imports import Checkpoint
from undertow.domain.income import IncomeKind
from undertow.ports import AlertLevel, Checkpoints, StoreBusy
from undertow.services.check_books import CheckBooks
from undertow.services.read_books import complete_to_ms

KEY = "unexplained#main"


@pytest.fixture
def world() -> World:
    made = new_world()
    kept_books(made)
    return made


@pytest.fixture
def check(world: World) -> CheckBooks:
    return CheckBooks(world.desk.repositories, world.params, world.notifier, world.meter)


def test_a_wallet_that_its_records_explain_raises_nothing(world: World, check: CheckBooks) -> None:
    found = check(ACCOUNT)
    assert found is not None
    assert (found.check.unexplained, found.check.deposited, found.check.net_profit) == (0, 800, 13)
    assert KEY not in world.alerts
    assert (world.meter.counts["books_checked"], world.meter.counts["books_unexplained"]) == (1, 0)


def test_what_is_not_explained_is_told_with_all_it_was_computed_from(world: World, check: CheckBooks) -> None:
    read(world, NOW_MS - MINUTE_MS, "900", "900")
    check(ACCOUNT)
    (alert,) = [alert for alert in world.notifier.alerts if alert.key == KEY]
    assert alert.level is AlertLevel.HIGH
    assert alert.facts["unexplained"] == "87"
    assert (alert.facts["wallet"], alert.facts["deposited"], alert.facts["net_profit"]) == ("900", "800", "13")
    assert world.meter.counts["books_unexplained"] == 1


def test_once_it_is_explained_the_alert_is_over(world: World, check: CheckBooks) -> None:
    read(world, NOW_MS - MINUTE_MS, "900", "900")
    check(ACCOUNT)
    world.desk.repositories.adjustments.add(entered(IncomeKind.TRANSFER, "87"))
    found = check(ACCOUNT)
    assert found is not None
    assert (found.check.unexplained, found.check.alarms) == (0, False)
    assert [key for key, _ in world.notifier.ended] == [KEY]


def test_a_record_that_is_not_imported_yet_is_nothing_missing(world: World, check: CheckBooks) -> None:
    """A deposit of 5000 an hour ago: the wallet has it, the imports are two hours behind."""
    read(world, NOW_MS - 3 * HOUR_MS, "813", "813")
    read(world, NOW_MS - HOUR_MS // 2, "5813", "5813")
    imported(world, NOW_MS - 2 * HOUR_MS)
    found = check(ACCOUNT)
    assert found is not None
    assert (found.as_of_ms, found.check.unexplained) == (NOW_MS - 3 * HOUR_MS - 5_000, 0)
    imported(world, NOW_MS)
    read(world, NOW_MS - MINUTE_MS, "5813", "5813")
    world.desk.repositories.incomes.record([received(IncomeKind.TRANSFER, "5000", NOW_MS - HOUR_MS)])
    found = check(ACCOUNT)
    assert found is not None
    assert found.check.unexplained == 0


def test_without_a_balance_of_a_time_that_is_imported_nothing_is_concluded(world: World, check: CheckBooks) -> None:
    imported(world, NOW_MS - 1_000 * HOUR_MS)
    assert check(ACCOUNT) is None
    assert world.alerts == []
    assert world.meter.counts["books_unchecked"] == 1


def test_the_imports_are_complete_up_to_where_the_last_of_them_is() -> None:
    behind = Checkpoint(ACCOUNT.id, "trades#BTCUSDT", 0, cursor_ms=70, target_ms=100, updated_at_ms=100)
    caught_up = Checkpoint(ACCOUNT.id, "income", 0, 40, 90, 100, caught_up_at_ms=100)
    assert complete_to_ms([behind, caught_up]) == 70
    assert complete_to_ms([caught_up]) == 90
    assert complete_to_ms([behind]) is None


def test_the_tolerance_is_a_dollar_or_half_a_percent(world: World, check: CheckBooks) -> None:
    read(world, NOW_MS - MINUTE_MS, "817.08", "817.08")  # 4.08 of 4.0854
    check(ACCOUNT)
    assert KEY not in world.alerts
    read(world, NOW_MS - MINUTE_MS + 1, "817.09", "817.09")
    found = check(ACCOUNT)
    assert found is not None
    assert found.check.tolerance == d("4.08545")
    assert KEY in world.alerts


@dataclass
class Unreachable:
    """Checkpoints whose table cannot be reached for one account."""

    stored: Checkpoints
    account: AccountId

    def of_account(self, account: AccountId) -> Sequence[Checkpoint]:
        if account == self.account:
            raise StoreBusy("given up")
        return self.stored.of_account(account)


def test_every_account_at_a_venue_is_checked_whatever_happens_to_the_others(world: World) -> None:
    first = replace(ACCOUNT, id=AccountId("a-first"))
    unsent = replace(ACCOUNT, id=AccountId("b-simulated"), mode=Mode.SIMULATE)
    known = world.params.current()
    accounts = {one.id: one for one in (first, unsent, ACCOUNT)}
    params = StaticParams(replace(known, globals=replace(known.globals, accounts=accounts)))
    kept = world.desk.repositories
    broken: Any = Unreachable(kept.checkpoints, first.id)
    check = CheckBooks(replace(kept, checkpoints=broken), params, world.notifier, world.meter)
    with pytest.raises(StoreBusy):
        check.every()
    assert (world.meter.counts["books_checked"], world.meter.counts["books_unchecked"]) == (1, 0)
