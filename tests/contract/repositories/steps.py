"""What most tests of the ledger begin with."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Final, TypeVar

from tests.contract.repositories.make import (
    ACCOUNT,
    BTC,
    LONG,
    claim,
    opening,
)

from undertow.domain.booking import in_use
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.position import Slot
from undertow.ports import ClaimOutcome, Repositories, WriteOutcome

THREADS: Final = 64
T = TypeVar("T")


def slot_of(kept: Repositories, symbol: Symbol = BTC, side: PositionSide = LONG, account: AccountId = ACCOUNT) -> Slot:
    return kept.ledger.slot(account, symbol, side)


def claimed(kept: Repositories, name: str = "1", symbol: Symbol = BTC, side: PositionSide = LONG) -> Slot:
    opposite = in_use(slot_of(kept, symbol, side.opposite))
    wanted = claim(slot_of(kept, symbol, side), name, opposite_in_use=opposite)
    assert kept.ledger.claim(wanted) is ClaimOutcome.CLAIMED
    return slot_of(kept, symbol, side)


def opened(kept: Repositories, name: str = "1", symbol: Symbol = BTC, trade: int = 1) -> Slot:
    slot = claimed(kept, name, symbol)
    placed = kept.orders.get(ACCOUNT, slot.entries[-1].client_order_id)
    assert placed is not None
    assert kept.ledger.write(opening(slot, placed, trade)) is WriteOutcome.WRITTEN
    return slot_of(kept, symbol)


def at_once(work: Callable[[int], T], threads: int = THREADS) -> list[T]:
    barrier = Barrier(threads)

    def started(number: int) -> T:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(started, range(threads)))
