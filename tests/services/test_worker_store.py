"""Liquidations on their way to the table."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from stream_worker import store
from stream_worker.store import LiquidationStore
from stream_worker.tally import Tally
from tests.services.worker_rig import during, liquidation, settled

from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.domain.market import Liquidation


@dataclass
class FakeTable:
    rows: list[list[str]] = field(default_factory=list)
    attempts: int = 0
    failing: int = 0
    gate: asyncio.Event | None = None

    async def append(self, liquidations: Sequence[Liquidation]) -> None:
        self.attempts += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.failing > 0:
            self.failing -= 1
            raise StoreFailed("throttled")
        self.rows.append([one.id for one in liquidations])


def test_an_idle_store_writes_at_once_and_a_busy_one_gathers_into_one_row() -> None:
    table, tally = FakeTable(), Tally()
    kept = LiquidationStore(table.append, tally)

    async def script() -> None:
        table.gate = asyncio.Event()
        kept.put(liquidation(1))
        await settled()
        for number in range(2, 5):
            kept.put(liquidation(number))
        await settled()
        assert table.attempts == 1
        table.gate.set()
        await kept.drained()
        assert table.rows == [["id1"], ["id2", "id3", "id4"]]
        assert tally.stored == 4

    during(kept.run(), script)


def test_a_failing_table_is_asked_again_until_it_takes_the_row() -> None:
    table, tally = FakeTable(failing=3), Tally()
    kept = LiquidationStore(table.append, tally)

    async def script() -> None:
        kept.put(liquidation(1))
        await kept.drained()
        assert table.rows == [["id1"]]
        assert table.attempts == 4

    during(kept.run(), script)


def test_a_table_that_stays_away_costs_the_oldest_and_they_are_counted() -> None:
    table, tally = FakeTable(), Tally()
    kept = LiquidationStore(table.append, tally)

    async def script() -> None:
        for number in range(store.MOST_WAITING + 7):
            kept.put(liquidation(number))
        assert kept.is_full
        assert tally.store_dropped == 7
        serving = asyncio.ensure_future(kept.run())
        await kept.drained()
        serving.cancel()
        assert table.rows[0][0] == "id7"
        assert sum(map(len, table.rows)) == store.MOST_WAITING
        assert max(map(len, table.rows)) == store.AT_ONCE

    asyncio.run(script())
