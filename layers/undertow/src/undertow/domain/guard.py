"""What stands against new entries of an account beyond its owner's switch, since when, and what clears it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from undertow.domain.ids import AccountId


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
class AccountGuard:
    """The monitor's memory of one account. Equities are quote units; ``day`` is a UTC date like 2025-12-11."""

    account: AccountId
    blocks: Mapping[BlockKind, Block] = field(default_factory=dict)
    day: str = ""
    day_start_equity: Decimal | None = None
    peak_equity: Decimal | None = None
    reduced_at_ms: int | None = None
    checked_at_ms: int = 0
    version: int = 0

    def with_block(self, block: Block, kind: BlockKind) -> "AccountGuard":
        """A block that stands already keeps its time."""
        if kind in self.blocks:
            return self
        return replace(self, blocks={**self.blocks, kind: block})

    def without(self, kind: BlockKind) -> "AccountGuard":
        if kind not in self.blocks:
            return self
        return replace(self, blocks={one: block for one, block in self.blocks.items() if one is not kind})
