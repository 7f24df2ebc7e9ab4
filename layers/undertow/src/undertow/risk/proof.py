"""Whether the ledger is known to equal the venue: without that no entry, since every limit is reckoned from it.

A stale proof is no reason to ask the venue there and then. Liquidations come by the hundred in a cascade, which is when
proofs matter and when every request counts: each signal would start a pass of its own, and together they would use up
the weight that stops are placed with. The schedule makes a proof every minute and a gap in the user stream makes one at
once; until then entries are refused, which costs a trade and never money.
"""

from typing import Final

from undertow.domain.guard import AccountGuard
from undertow.domain.ids import Symbol
from undertow.risk.approval import Refusal
from undertow.risk.limits import MAX_CLOCK_LEAD_MS, MAX_PROOF_AGE_MS

GATE: Final = "not_reconciled"


def unproven(guard: AccountGuard | None, symbol: Symbol, now_ms: int) -> Refusal | None:
    """What stands against entries of ``symbol``, on both of its sides; None when the proof is recent and equal."""
    refused = unproven_account(guard, now_ms, MAX_PROOF_AGE_MS)
    if refused is not None or guard is None or guard.proof is None:
        return refused
    doubt = guard.proof.unproven.get(symbol)
    if doubt is None:
        return None
    inputs = {"epoch": str(guard.proof.epoch), "read_at_ms": str(guard.proof.read_at_ms)}
    return Refusal(GATE, f"{symbol} is not as the ledger has it: {doubt}", inputs)


def unproven_account(guard: AccountGuard | None, now_ms: int, max_age_ms: int) -> Refusal | None:
    """What stands against entries of every symbol."""
    proof = guard.proof if guard is not None else None
    if guard is None or proof is None:
        return Refusal(GATE, "the ledger was never proven to equal the venue")
    if guard.standing_proof is None:
        times = {"read_at_ms": str(proof.read_at_ms), "doubted_at_ms": str(guard.doubted_at_ms)}
        return Refusal(GATE, "events of the account were missed since the ledger was proven to equal the venue", times)
    age_ms = now_ms - proof.read_at_ms
    if -MAX_CLOCK_LEAD_MS <= age_ms <= max_age_ms:
        return None
    return Refusal(
        GATE,
        "the proof that the ledger equals the venue is too old",
        {"age_ms": str(age_ms), "epoch": str(proof.epoch)},
        {"max_age_ms": str(max_age_ms)},
    )
