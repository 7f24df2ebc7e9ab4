"""The risk of the whole book, and the places for symbols, when many claim and give up at once."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.repositories.make import ACCOUNT, BTC, LONG, NOW_MS, PLAN, claim, control, d, layer_claim
from tests.contract.repositories.steps import THREADS, at_once

from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import TABLES, definition
from undertow.adapters.dynamo.wiring import dynamo_repositories
from undertow.adapters.memory import MemoryStore, SettableClock, memory_repositories
from undertow.adapters.sdk import Aws
from undertow.domain.booking import in_use
from undertow.domain.ids import LadderId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO, counted
from undertow.domain.order import OrderState
from undertow.domain.position import Slot, ladder_key
from undertow.ports import ClaimOutcome, EntryClaim, LedgerEntry, Repositories, WriteOutcome

RISK = d("100.000000000000000001")
"""Has more places than a sum keeps: it counts for 100.000000000001."""


def pair_claim(slot: Slot, name: str, cap: str, opposite_in_use: bool = False) -> EntryClaim:
    wanted = claim(slot, name, opposite_in_use=opposite_in_use, risk=RISK)
    return replace(wanted, max_total_risk=d(cap))


def book_of(shared: Repositories) -> tuple[Decimal, int]:
    """Risk and symbols, as the totals tell them and as the slots do."""
    totals, slots = shared.ledger.totals(ACCOUNT), shared.ledger.slots_in_use(ACCOUNT)
    held = [counted(one.risk) for slot in slots for one in slot.reserved.values()]
    assert totals.risk == sum(held, ZERO)
    assert totals.slots == len({slot.symbol for slot in slots})
    rows = [shared.ledger.reservation(ACCOUNT, order) for slot in slots for order in slot.reserved]
    assert totals.risk == sum((counted(row.risk) for row in rows if row is not None), ZERO)
    return totals.risk, totals.slots


def test_claims_of_many_symbols_never_exceed_the_portfolio_cap(shared: Repositories) -> None:
    """Seven fit, and an eighth only without the last place of their risks."""

    def claim_own(number: int) -> ClaimOutcome:
        slot = shared.ledger.slot(ACCOUNT, Symbol(f"S{number}USDT"), LONG)
        outcome = shared.ledger.claim(pair_claim(slot, str(number), cap="800"))
        assert shared.ledger.totals(ACCOUNT).risk <= 800
        return outcome

    outcomes = Counter(at_once(claim_own))
    assert outcomes == {ClaimOutcome.CLAIMED: 7, ClaimOutcome.CAP_REACHED: THREADS - 7}
    assert book_of(shared) == (d("700.000000000007"), 7)


def test_ladders_of_many_symbols_reserve_whole_or_not_at_all(shared: Repositories) -> None:
    """Each wants 128.4 and a little more; three fit. Nothing is left behind by those that do not."""

    def open_own(number: int) -> ClaimOutcome:
        slot = shared.ledger.slot(ACCOUNT, Symbol(f"S{number}USDT"), LONG)
        plan = replace(PLAN, id=LadderId(f"ladder-{number}"))
        return shared.ledger.claim(layer_claim(slot, 1, plan, max_risk="513.6"))

    outcomes = Counter(at_once(open_own))
    assert outcomes == {ClaimOutcome.CLAIMED: 3, ClaimOutcome.CAP_REACHED: THREADS - 3}
    assert book_of(shared) == (3 * d("128.400000000001"), 3)
    keys = [shared.ledger.reservation(ACCOUNT, ladder_key(LadderId(f"ladder-{one}"))) for one in range(THREADS)]
    assert [row.risk for row in keys if row is not None] == [d("82.4")] * 3


def test_of_many_layers_of_one_ladder_one_wins_and_the_book_stays_as_it_was(shared: Repositories) -> None:
    """Every worker sees the same liquidation and wants the same next layer under another order."""
    assert shared.ledger.claim(layer_claim(shared.ledger.slot(ACCOUNT, BTC, LONG), 1)) is ClaimOutcome.CLAIMED
    before, book = shared.ledger.slot(ACCOUNT, BTC, LONG), book_of(shared)
    outcomes = Counter(
        at_once(lambda number: shared.ledger.claim(layer_claim(before, 2, attempt=f"-{number}", max_risk="0")))
    )
    assert outcomes == {ClaimOutcome.CLAIMED: 1, ClaimOutcome.SLOT_MOVED: THREADS - 1}
    assert book_of(shared) == book


def test_both_sides_of_many_symbols_take_one_place_each(shared: Repositories) -> None:
    """Who finds the other side moved looks again, as the desk does with the next signal."""

    def claim_side(number: int) -> ClaimOutcome:
        symbol, side = Symbol(f"S{number // 2}USDT"), LONG if number % 2 else LONG.opposite
        while True:
            opposite = in_use(shared.ledger.slot(ACCOUNT, symbol, side.opposite))
            slot = shared.ledger.slot(ACCOUNT, symbol, side)
            wanted = replace(pair_claim(slot, str(number), "1000000", opposite), max_positions=10)
            outcome = shared.ledger.claim(wanted)
            if outcome is not ClaimOutcome.SLOT_MOVED:
                return outcome

    outcomes = Counter(at_once(claim_side))
    assert set(outcomes) == {ClaimOutcome.CLAIMED, ClaimOutcome.CAP_REACHED}
    risk, symbols = book_of(shared)
    assert symbols == 10
    assert 10 <= outcomes[ClaimOutcome.CLAIMED] <= 20
    assert risk == outcomes[ClaimOutcome.CLAIMED] * d("100.000000000001")


def test_both_sides_of_many_symbols_may_end_at_once_and_leave_nothing(shared: Repositories) -> None:
    for number in range(THREADS):
        symbol, side = Symbol(f"S{number // 2}USDT"), LONG if number % 2 else LONG.opposite
        slot = shared.ledger.slot(ACCOUNT, symbol, side)
        assert shared.ledger.claim(pair_claim(slot, str(number), "1000000", bool(number % 2))) is ClaimOutcome.CLAIMED
    assert book_of(shared)[1] == THREADS // 2

    def end(number: int) -> WriteOutcome:
        symbol, side = Symbol(f"S{number // 2}USDT"), LONG if number % 2 else LONG.opposite
        while True:
            slot = shared.ledger.slot(ACCOUNT, symbol, side)
            (entry,) = slot.entries
            gone = shared.orders.get(ACCOUNT, entry.client_order_id)
            assert gone is not None
            gone = gone.revised(OrderState.EXPIRED, NOW_MS)
            outcome = shared.ledger.write(LedgerEntry(slot, slot.settled(gone), (gone,)))
            if outcome is not WriteOutcome.CONFLICT:
                return outcome

    assert set(at_once(end)) == {WriteOutcome.WRITTEN}
    assert book_of(shared) == (ZERO, 0)


@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_claims_from_one_snapshot_keep_every_cap_in_whatever_order_they_arrive(
    aws: Aws, clock: SettableClock, data: st.DataObject
) -> None:
    """Prepared from the same look at an empty account, then carried out one after another in any order, on both stores
    alike."""
    prefix = f"undertow-{uuid4().hex[:8]}-"
    for table in TABLES:
        aws.dynamodb.create_table(**definition(table, prefix))
    stores = [
        memory_repositories(MemoryStore(), clock),
        dynamo_repositories(DynamoStore(aws.dynamodb, prefix, sleep=lambda _: None), clock),
    ]
    cap = data.draw(st.integers(100, 900), "cap")
    places = data.draw(st.integers(0, 5), "places")
    sides = [(Symbol(f"S{number}USDT"), side) for number in range(5) for side in PositionSide]
    arrived = data.draw(st.permutations(range(len(sides))), "arrived")
    told = []
    for kept in stores:
        assert kept.controls.set(control())
        wanted = [
            replace(pair_claim(kept.ledger.slot(ACCOUNT, *one), str(number), str(cap)), max_positions=places)
            for number, one in enumerate(sides)
        ]
        outcomes = []
        for number in arrived:
            outcomes.append(kept.ledger.claim(wanted[number]))
            risk, symbols = book_of(kept)
            assert risk <= cap
            assert symbols <= places or not places
        told.append(outcomes)
    assert told[0] == told[1]
    by_risk = int(cap / d("100.000000000001"))
    claimed = told[0].count(ClaimOutcome.CLAIMED)
    assert claimed == min(by_risk, places or 5, 5)
