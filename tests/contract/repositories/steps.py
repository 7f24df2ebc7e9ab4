"""What most tests of the ledger begin with."""

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
