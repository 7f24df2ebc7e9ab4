"""Rows of what the monitor remembers of accounts."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import (
    DecimalAttribute,
    EnumAttribute,
    IntegerAttribute,
    IntegersAttribute,
    PartAttribute,
    PartsAttribute,
    TextsAttribute,
)
from undertow.domain.guard import AccountGuard, Block, BlockKind, TransfersCounted
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.reconciliation import Proof


class BlockPart(Model):
    """``kind`` is how the monitor knows the block, ``name`` how people do."""

    kind = EnumAttribute(BlockKind)
    name = UnicodeAttribute()
    since_ms = IntegerAttribute()
    reason = UnicodeAttribute()
    clears = UnicodeAttribute()
    inputs = TextsAttribute()

    @classmethod
    def from_domain(cls, standing: tuple[BlockKind, Block]) -> "BlockPart":
        kind, block = standing
        return cls(
            kind=kind,
            name=block.kind,
            since_ms=block.since_ms,
            reason=block.reason,
            clears=block.clears,
            inputs=block.inputs,
        )

    def to_domain(self) -> tuple[BlockKind, Block]:
        return self.kind, Block(self.name, self.since_ms, self.reason, self.clears, self.inputs)


class ProofPart(Model):
    epoch = IntegerAttribute()
    read_at_ms = IntegerAttribute()
    unproven = TextsAttribute()

    @classmethod
    def from_domain(cls, proof: Proof) -> "ProofPart":
        return cls(epoch=proof.epoch, read_at_ms=proof.read_at_ms, unproven=proof.unproven)

    def to_domain(self) -> Proof:
        return Proof(self.epoch, self.read_at_ms, {Symbol(symbol): why for symbol, why in self.unproven.items()})


class TransfersPart(Model):
    since_ms = IntegerAttribute()
    amount = DecimalAttribute()
    settled_at_ms = IntegerAttribute()
    settled_peak = DecimalAttribute(null=True)

    @classmethod
    def from_domain(cls, counted: TransfersCounted) -> "TransfersPart":
        return cls(
            since_ms=counted.since_ms,
            amount=counted.amount,
            settled_at_ms=counted.settled_at_ms,
            settled_peak=counted.settled_peak,
        )

    def to_domain(self) -> TransfersCounted:
        return TransfersCounted(self.since_ms, self.amount, self.settled_at_ms, self.settled_peak)


class GuardRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    account = UnicodeAttribute()
    blocks = PartsAttribute(BlockPart)
    day = UnicodeAttribute()
    day_start_equity = DecimalAttribute(null=True)
    peak_equity = DecimalAttribute(null=True)
    reduced_at_ms = IntegerAttribute(null=True)
    checked_at_ms = IntegerAttribute()
    proof = PartAttribute(ProofPart, null=True)
    doubted_at_ms = IntegerAttribute(default=0)
    forced = IntegersAttribute(default=dict)
    day_started_at_ms = IntegerAttribute(default=0)
    transfers = PartAttribute(TransfersPart, null=True)
    version = IntegerAttribute()

    @classmethod
    def from_domain(cls, guard: AccountGuard) -> "GuardRecord":
        return cls(
            pk=keys.account(guard.account),
            sk=keys.GUARD,
            account=guard.account,
            blocks=guard.blocks.items(),
            day=guard.day,
            day_start_equity=guard.day_start_equity,
            peak_equity=guard.peak_equity,
            reduced_at_ms=guard.reduced_at_ms,
            checked_at_ms=guard.checked_at_ms,
            proof=guard.proof,
            doubted_at_ms=guard.doubted_at_ms,
            forced=guard.forced,
            day_started_at_ms=guard.day_started_at_ms,
            transfers=guard.transfers,
            version=guard.version,
        )

    def to_domain(self) -> AccountGuard:
        return AccountGuard(
            account=AccountId(self.account),
            blocks=dict(self.blocks),
            day=self.day,
            day_start_equity=self.day_start_equity,
            peak_equity=self.peak_equity,
            reduced_at_ms=self.reduced_at_ms,
            checked_at_ms=self.checked_at_ms,
            proof=self.proof,
            doubted_at_ms=self.doubted_at_ms,
            forced={Symbol(symbol): at_ms for symbol, at_ms in self.forced.items()},
            day_started_at_ms=self.day_started_at_ms,
            transfers=self.transfers,
            version=self.version,
        )
