"""Many at once: whatever the interleaving, a cap holds, a slot has one winner, and nothing is counted twice."""

from collections import Counter

from tests.contract.repositories.make import ACCOUNT, BTC, LONG, claim, control, d, opening, order
from tests.contract.repositories.steps import THREADS, at_once

from undertow.domain.account import Switch
from undertow.domain.booking import in_use
from undertow.domain.ids import Symbol
from undertow.domain.numbers import ZERO
from undertow.ports import ClaimOutcome, Repositories, WriteOutcome


def test_of_many_claims_of_one_slot_one_wins(shared: Repositories) -> None:
    slot = shared.ledger.slot(ACCOUNT, BTC, LONG)
    outcomes = Counter(at_once(lambda number: shared.ledger.claim(claim(slot, str(number)))))
    assert outcomes == {ClaimOutcome.CLAIMED: 1, ClaimOutcome.SLOT_MOVED: THREADS - 1}
    assert len(shared.orders.unfinished(ACCOUNT)) == 1
    assert shared.ledger.totals(ACCOUNT).version == 1


def test_of_many_deliveries_of_one_signal_one_claims(shared: Repositories) -> None:
    """The same message in many processes at the same millisecond makes the very same claim."""
    wanted = claim(shared.ledger.slot(ACCOUNT, BTC, LONG))
    outcomes = Counter(at_once(lambda _: shared.ledger.claim(wanted)))
    assert outcomes == {ClaimOutcome.CLAIMED: 1, ClaimOutcome.ALREADY_CLAIMED: THREADS - 1}


def test_claims_of_many_symbols_never_exceed_the_cap(shared: Repositories) -> None:
    """Every snapshot shows an empty account; only the transaction knows better. Ten fit: 10 x 900.09 <= 9500."""

    def claim_own(number: int) -> ClaimOutcome:
        slot = shared.ledger.slot(ACCOUNT, Symbol(f"S{number}USDT"), LONG)
        return shared.ledger.claim(claim(slot, str(number), cap="9500"))

    outcomes = Counter(at_once(claim_own))
    assert outcomes == {ClaimOutcome.CLAIMED: 10, ClaimOutcome.CAP_REACHED: THREADS - 10}
    totals = shared.ledger.totals(ACCOUNT)
    assert (totals.notional, totals.margin, totals.slots) == (d("9000.9"), d("900.09"), 10)
    slots = shared.ledger.slots_in_use(ACCOUNT)
    assert sum((slot.reserved_notional for slot in slots), ZERO) == totals.notional
    assert sum(in_use(slot) for slot in slots) == totals.slots


def test_of_many_bookings_of_one_fill_one_is_written(shared: Repositories) -> None:
    assert shared.ledger.claim(claim(shared.ledger.slot(ACCOUNT, BTC, LONG))) is ClaimOutcome.CLAIMED
    entry = opening(shared.ledger.slot(ACCOUNT, BTC, LONG), order())
    outcomes = Counter(at_once(lambda _: shared.ledger.write(entry)))
    assert outcomes == {WriteOutcome.WRITTEN: 1, WriteOutcome.DUPLICATE_FILL: THREADS - 1}
    assert len(shared.fills.recent(ACCOUNT, 0, 2**42, 9)) == 1


def test_of_many_updates_of_one_version_one_wins(shared: Repositories) -> None:
    assert shared.orders.add(order())
    won = at_once(lambda number: shared.orders.update(order(reason=str(number), version=2)))
    assert won.count(True) == 1
    stored = shared.orders.get(ACCOUNT, order().client_order_id)
    assert stored is not None
    assert stored.reason == str(won.index(True))


def test_a_pause_stops_every_claim_that_comes_after_it(shared: Repositories) -> None:
    """What was claimed at all was claimed before the pause was stored: nothing is added afterwards."""
    paused_at: list[int] = []

    def act(number: int) -> ClaimOutcome | None:
        if number == THREADS // 2:
            assert shared.controls.set(control(Switch.PAUSED, version=2))
            paused_at.append(shared.ledger.totals(ACCOUNT).version)
            return None
        slot = shared.ledger.slot(ACCOUNT, Symbol(f"S{number}USDT"), LONG)
        return shared.ledger.claim(claim(slot, str(number)))

    outcomes = Counter(at_once(act))
    assert outcomes[ClaimOutcome.CLAIMED] + outcomes[ClaimOutcome.PAUSED] == THREADS - 1
    assert shared.ledger.totals(ACCOUNT).version == outcomes[ClaimOutcome.CLAIMED] == paused_at[0]
