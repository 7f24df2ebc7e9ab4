"""Rows of the venue's books: incomes, how far the imports came, and what people add. A trade is stored as a fill is."""

from decimal import Decimal

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import DecimalAttribute, EnumAttribute, IntegerAttribute
from undertow.adapters.dynamo.records import FillRecord
from undertow.adapters.dynamo.store import Item
from undertow.domain.adjustment import Adjustment
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, Symbol, TradeId, VenueOrderId
from undertow.domain.imports import Checkpoint
from undertow.domain.income import Income, IncomeKind
from undertow.domain.market import PositionSide, Side


def trade_record(trade: Fill) -> FillRecord:
    """By time: a trade's time never changes, so that the same trade is always the same row."""
    record = FillRecord.from_domain(trade)
    record.pk = keys.trades(trade.account)
    record.sk = keys.at(trade.time_ms, keys.trade(trade.trade_id), trade.symbol)
    return record


def read_trade(item: Item) -> Fill:
    """As ``FillRecord`` reads it, in a tenth of the time: one question reads tens of thousands of trades."""
    order, side = item.get("client_order_id"), item.get("position_side")
    return Fill(
        account=AccountId(item["account"]["S"]),
        symbol=Symbol(item["symbol"]["S"]),
        trade_id=TradeId(int(item["trade_id"]["N"])),
        venue_order_id=VenueOrderId(int(item["venue_order_id"]["N"])),
        client_order_id=None if order is None else ClientOrderId(order["S"]),
        side=Side(item["side"]["S"]),
        position_side=None if side is None else PositionSide(side["S"]),
        price=Decimal(item["price"]["N"]),
        quantity=Decimal(item["quantity"]["N"]),
        commission=Decimal(item["commission"]["N"]),
        commission_asset=item["commission_asset"]["S"],
        realized_pnl=Decimal(item["realized_pnl"]["N"]),
        maker=item["maker"]["BOOL"],
        time_ms=int(item["time_ms"]["N"]),
    )


class IncomeRecord(Model):
    """By time, then by what identifies a line: neither ever changes."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    account = UnicodeAttribute()
    id = UnicodeAttribute()
    kind = EnumAttribute(IncomeKind)
    venue_kind = UnicodeAttribute()
    asset = UnicodeAttribute()
    amount = DecimalAttribute()
    time_ms = IntegerAttribute()
    symbol = UnicodeAttribute(null=True)
    info = UnicodeAttribute()

    @classmethod
    def from_domain(cls, row: Income) -> "IncomeRecord":
        return cls(
            pk=keys.incomes(row.account, row.kind),
            sk=keys.at(row.time_ms, row.key),
            account=row.account,
            id=row.id,
            kind=row.kind,
            venue_kind=row.venue_kind,
            asset=row.asset,
            amount=row.amount,
            time_ms=row.time_ms,
            symbol=row.symbol,
            info=row.info,
        )

    def to_domain(self) -> Income:
        return Income(
            account=AccountId(self.account),
            id=self.id,
            kind=self.kind,
            venue_kind=self.venue_kind,
            asset=self.asset,
            amount=self.amount,
            time_ms=self.time_ms,
            symbol=None if self.symbol is None else Symbol(self.symbol),
            info=self.info,
        )


class CheckpointRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    account = UnicodeAttribute()
    from_ms = IntegerAttribute()
    cursor_ms = IntegerAttribute()
    target_ms = IntegerAttribute()
    updated_at_ms = IntegerAttribute()
    next_trade_id = IntegerAttribute(null=True)
    pages = IntegerAttribute()
    imported = IntegerAttribute()
    chunk = IntegerAttribute()
    chunks = IntegerAttribute()
    caught_up_at_ms = IntegerAttribute(null=True)
    run_started_at_ms = IntegerAttribute()
    error = UnicodeAttribute(default="")
    version = IntegerAttribute()

    @classmethod
    def from_domain(cls, checkpoint: Checkpoint) -> "CheckpointRecord":
        return cls(
            pk=keys.checkpoints(checkpoint.account),
            sk=checkpoint.stream,
            account=checkpoint.account,
            from_ms=checkpoint.from_ms,
            cursor_ms=checkpoint.cursor_ms,
            target_ms=checkpoint.target_ms,
            updated_at_ms=checkpoint.updated_at_ms,
            next_trade_id=checkpoint.next_trade_id,
            pages=checkpoint.pages,
            imported=checkpoint.rows,
            chunk=checkpoint.chunk,
            chunks=checkpoint.chunks,
            caught_up_at_ms=checkpoint.caught_up_at_ms,
            run_started_at_ms=checkpoint.run_started_at_ms,
            error=checkpoint.error,
            version=checkpoint.version,
        )

    def to_domain(self) -> Checkpoint:
        return Checkpoint(
            account=AccountId(self.account),
            stream=self.sk,
            from_ms=self.from_ms,
            cursor_ms=self.cursor_ms,
            target_ms=self.target_ms,
            updated_at_ms=self.updated_at_ms,
            next_trade_id=None if self.next_trade_id is None else TradeId(self.next_trade_id),
            pages=self.pages,
            rows=self.imported,
            chunk=self.chunk,
            chunks=self.chunks,
            caught_up_at_ms=self.caught_up_at_ms,
            run_started_at_ms=self.run_started_at_ms,
            error=self.error,
            version=self.version,
        )


class AdjustmentRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    account = UnicodeAttribute()
    kind = EnumAttribute(IncomeKind)
    amount = DecimalAttribute()
    time_ms = IntegerAttribute(null=True)
    note = UnicodeAttribute()
    by = UnicodeAttribute()
    created_at_ms = IntegerAttribute()
    revoked_at_ms = IntegerAttribute(null=True)
    revoked_by = UnicodeAttribute()
    version = IntegerAttribute()

    @classmethod
    def from_domain(cls, one: Adjustment) -> "AdjustmentRecord":
        return cls(
            pk=keys.adjustments(one.account),
            sk=one.id,
            account=one.account,
            kind=one.kind,
            amount=one.amount,
            time_ms=one.time_ms,
            note=one.note,
            by=one.by,
            created_at_ms=one.created_at_ms,
            revoked_at_ms=one.revoked_at_ms,
            revoked_by=one.revoked_by,
            version=one.version,
        )

    def to_domain(self) -> Adjustment:
        return Adjustment(
            id=self.sk,
            account=AccountId(self.account),
            kind=self.kind,
            amount=self.amount,
            time_ms=self.time_ms,
            note=self.note,
            by=self.by,
            created_at_ms=self.created_at_ms,
            revoked_at_ms=self.revoked_at_ms,
            revoked_by=self.revoked_by,
            version=self.version,
        )
