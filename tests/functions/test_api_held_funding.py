"""What the funding of an open position came to: of its symbol, since it was opened, once the books are imported."""

from typing import Any

from tests.functions.api_caller import ApiCaller
from tests.services.world import ACCOUNT, World
from tests.unit.accounts import received
from tests.unit.builders import BTC

from undertow.domain.ids import Symbol
from undertow.domain.imports import INCOME_STREAM, Checkpoint
from undertow.domain.income import IncomeKind


def paid(api: ApiCaller) -> Any:
    (row,) = api.get("/api/positions").json["positions"]
    return row["funding_paid"]


def test_before_the_books_are_imported_it_is_not_known(api: ApiCaller, world: World) -> None:
    world.holding()
    assert paid(api) is None


def test_it_is_of_the_symbol_since_the_position_was_opened(api: ApiCaller, world: World) -> None:
    world.holding()
    kept, opened_ms = world.desk.repositories, world.position.opened_at_ms
    world.clock.advance(3_600_000)
    assert kept.checkpoints.save(Checkpoint(ACCOUNT.id, INCOME_STREAM, 0, opened_ms, opened_ms, opened_ms, version=1))
    assert paid(api) == "0"
    kept.incomes.record(
        [
            received(IncomeKind.FUNDING, "-0.5", at_ms=opened_ms + 10, symbol=BTC),
            received(IncomeKind.FUNDING, "0.125", at_ms=opened_ms + 20, symbol=BTC),
            received(IncomeKind.FUNDING, "-9", at_ms=opened_ms - 10, symbol=BTC),
            received(IncomeKind.FUNDING, "-7", at_ms=opened_ms + 30, symbol=Symbol("ETHUSDT")),
            received(IncomeKind.COMMISSION, "-3", at_ms=opened_ms + 40, symbol=BTC),
        ]
    )
    assert paid(api) == "-0.375"
