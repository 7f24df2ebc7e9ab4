"""What stands against new entries of an account beyond its owner's switch, since when, and what clears it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from undertow.domain.ids import AccountId, Symbol
from undertow.domain.reconciliation import Proof


class BlockKind(StrEnum):
    """Blocks that the account's monitor sets and clears by itself."""

    MARGIN_USAGE = "margin_usage"
    EMERGENCY = "emergency"
    DAILY_LOSS = "daily_loss"
    DRAWDOWN = "drawdown"


@dataclass(frozen=True, slots=True)
class Block:
    """``clears`` says in plain words what ends it; ``inputs`` are the figures that set it, as shown to people."""

    kind: str
    since_ms: int
    reason: str
    clears: str
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TransfersCounted:
    """What the day's start and the peak have been moved by: the sum of the transfers since ``since_ms``, quote units.

    ``settled_peak`` is the peak as it stood at ``settled_at_ms``, when every transfer until then was known and counted.
    """

    since_ms: int
    amount: Decimal
    settled_at_ms: int
    settled_peak: Decimal | None


@dataclass(frozen=True, slots=True)
class AccountGuard:
    """The monitor's memory of one account. Equities are quote units; ``day`` is a UTC date like 2025-12-11.

    ``proof`` is the last one that ledger and venue are equal. What was read from the venue before ``doubted_at_ms``
    proves nothing any more: events may have been missed since. ``forced`` is when the venue last closed a position of a
    symbol by force, liquidation or auto-deleveraging.
    """

    account: AccountId
    blocks: Mapping[BlockKind, Block] = field(default_factory=dict)
    day: str = ""
    day_start_equity: Decimal | None = None
    peak_equity: Decimal | None = None
    reduced_at_ms: int | None = None
    checked_at_ms: int = 0
    proof: Proof | None = None
    doubted_at_ms: int = 0
    forced: Mapping[Symbol, int] = field(default_factory=dict)
    day_started_at_ms: int = 0
    """When the balance was read that the day's start was taken from."""
    transfers: TransfersCounted | None = None
    version: int = 0

    @property
    def standing_proof(self) -> Proof | None:
        """The last proof, unless something happened since that it knows nothing of."""
        return self.proof if self.proof is not None and self.proof.read_at_ms >= self.doubted_at_ms else None

    def with_block(self, block: Block, kind: BlockKind) -> "AccountGuard":
        """A block that stands already keeps its time."""
        if kind in self.blocks:
            return self
        return replace(self, blocks={**self.blocks, kind: block})

    def without(self, kind: BlockKind) -> "AccountGuard":
        if kind not in self.blocks:
            return self
        return replace(self, blocks={one: block for one, block in self.blocks.items() if one is not kind})
