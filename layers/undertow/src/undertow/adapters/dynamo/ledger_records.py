"""Rows of the ledger: slots, closed positions, the account's totals, reservations."""

from decimal import Decimal

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import (
    DecimalAttribute,
    EnumAttribute,
    IntegerAttribute,
    IntegersAttribute,
    PartAttribute,
    PartsAttribute,
    WrittenAttribute,
)
from undertow.adapters.dynamo.written import read_ladder, write_ladder
from undertow.domain.account import BookTotals
from undertow.domain.booking import Reservation, ReservationState, closing_time_ms, in_use
from undertow.domain.ids import AccountId, ClientOrderId, LadderId, PositionId, StrategyId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.position import LiveEntry, Position, Reserved, Slot


class PositionPart(Model):
    """A position, as a part of the row of its slot or of the row that it leaves when it closes."""

    id = UnicodeAttribute()
    account = UnicodeAttribute()
    symbol = UnicodeAttribute()
    side = EnumAttribute(PositionSide)
    quantity = DecimalAttribute()
    entry_price = DecimalAttribute()
    opened_at_ms = IntegerAttribute()
    updated_at_ms = IntegerAttribute()
    strategy = UnicodeAttribute(null=True)
    leverage = IntegerAttribute()
    realized_pnl = DecimalAttribute()
    commission = DecimalAttribute()
    max_quantity = DecimalAttribute()
    stop_order = UnicodeAttribute(null=True)
    target_order = UnicodeAttribute(null=True)
    unprotected_since_ms = IntegerAttribute(null=True)
    protected_at_ms = IntegerAttribute(null=True)
    closed_at_ms = IntegerAttribute(null=True)
    questioned_at_ms = IntegerAttribute(null=True)
    questioned_by = DecimalAttribute(null=True)
    stop_price = DecimalAttribute(null=True)
    target_price = DecimalAttribute(null=True)
    trailed_stop = DecimalAttribute(null=True)
    best_price = DecimalAttribute(null=True)
    risk_flag = UnicodeAttribute(default="")
    unexplained = DecimalAttribute(default=Decimal)

    @classmethod
    def from_domain(cls, position: Position) -> "PositionPart":
        return cls(
            id=position.id,
            account=position.account,
            symbol=position.symbol,
            side=position.side,
            quantity=position.quantity,
            entry_price=position.entry_price,
            opened_at_ms=position.opened_at_ms,
            updated_at_ms=position.updated_at_ms,
            strategy=position.strategy,
            leverage=position.leverage,
            realized_pnl=position.realized_pnl,
            commission=position.commission,
            max_quantity=position.max_quantity,
            stop_order=position.stop_order,
            target_order=position.target_order,
            unprotected_since_ms=position.unprotected_since_ms,
            protected_at_ms=position.protected_at_ms,
            closed_at_ms=position.closed_at_ms,
            questioned_at_ms=position.questioned_at_ms,
            questioned_by=position.questioned_by,
            stop_price=position.stop_price,
            target_price=position.target_price,
            trailed_stop=position.trailed_stop,
            best_price=position.best_price,
            risk_flag=position.risk_flag,
            unexplained=position.unexplained,
        )

    def to_domain(self) -> Position:
        return Position(
            id=PositionId(self.id),
            account=AccountId(self.account),
            symbol=Symbol(self.symbol),
            side=self.side,
            quantity=self.quantity,
            entry_price=self.entry_price,
            opened_at_ms=self.opened_at_ms,
            updated_at_ms=self.updated_at_ms,
            strategy=None if self.strategy is None else StrategyId(self.strategy),
            leverage=self.leverage,
            realized_pnl=self.realized_pnl,
            commission=self.commission,
            max_quantity=self.max_quantity,
            stop_order=None if self.stop_order is None else ClientOrderId(self.stop_order),
            target_order=None if self.target_order is None else ClientOrderId(self.target_order),
            unprotected_since_ms=self.unprotected_since_ms,
            protected_at_ms=self.protected_at_ms,
            closed_at_ms=self.closed_at_ms,
            questioned_at_ms=self.questioned_at_ms,
            questioned_by=self.questioned_by,
            stop_price=self.stop_price,
            target_price=self.target_price,
            trailed_stop=self.trailed_stop,
            best_price=self.best_price,
            risk_flag=self.risk_flag,
            unexplained=self.unexplained,
        )


class EntryPart(Model):
    client_order_id = UnicodeAttribute()
    strategy = UnicodeAttribute()
    layer = IntegerAttribute()
    notional = DecimalAttribute()
    margin = DecimalAttribute()
    booked = DecimalAttribute()
    risk = DecimalAttribute(default=Decimal)
    ladder = UnicodeAttribute(null=True)

    @classmethod
    def from_domain(cls, entry: LiveEntry) -> "EntryPart":
        return cls(
            client_order_id=entry.client_order_id,
            strategy=entry.strategy,
            layer=entry.layer,
            notional=entry.notional,
            margin=entry.margin,
            booked=entry.booked,
            risk=entry.risk,
            ladder=entry.ladder,
        )

    def to_domain(self) -> LiveEntry:
        return LiveEntry(
            ClientOrderId(self.client_order_id),
            StrategyId(self.strategy),
            self.layer,
            self.notional,
            self.margin,
            self.booked,
            self.risk,
            None if self.ladder is None else LadderId(self.ladder),
        )


class ReservedPart(Model):
    order = UnicodeAttribute()
    notional = DecimalAttribute()
    margin = DecimalAttribute()
    risk = DecimalAttribute(default=Decimal)

    @classmethod
    def from_domain(cls, held: "tuple[ClientOrderId, Reserved]") -> "ReservedPart":
        order, reserved = held
        return cls(order=order, notional=reserved.notional, margin=reserved.margin, risk=reserved.risk)

    def to_domain(self) -> "tuple[ClientOrderId, Reserved]":
        return ClientOrderId(self.order), Reserved(self.notional, self.margin, self.risk)


class SlotRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = IntegerAttribute()
    symbol = UnicodeAttribute()
    side = EnumAttribute(PositionSide)
    in_use = BooleanAttribute()
    position = PartAttribute(PositionPart, null=True)
    entries = PartsAttribute(EntryPart)
    reserved = PartsAttribute(ReservedPart)
    cooldown_until_ms = IntegersAttribute()
    ladder = WrittenAttribute(write_ladder, read_ladder, null=True)
    counted_until_ms = IntegerAttribute(default=0)
    booked_until_ms = IntegerAttribute(default=0)

    @classmethod
    def from_domain(cls, slot: Slot) -> "SlotRecord":
        return cls(
            pk=slot.account,
            sk=keys.slot(slot.symbol, slot.side),
            version=slot.version,
            symbol=slot.symbol,
            side=slot.side,
            in_use=in_use(slot),
            position=slot.position,
            entries=slot.entries,
            reserved=slot.reserved.items(),
            cooldown_until_ms=slot.cooldown_until_ms,
            ladder=slot.ladder,
            counted_until_ms=slot.counted_until_ms,
            booked_until_ms=slot.booked_until_ms,
        )

    def to_domain(self) -> Slot:
        return Slot(
            account=AccountId(self.pk),
            symbol=Symbol(self.symbol),
            side=self.side,
            version=self.version,
            position=self.position,
            entries=tuple(self.entries),
            reserved=dict(self.reserved),
            cooldown_until_ms={StrategyId(name): until for name, until in self.cooldown_until_ms.items()},
            ladder=self.ladder,
            counted_until_ms=self.counted_until_ms,
            booked_until_ms=self.booked_until_ms,
        )


class ClosedPositionRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    closed_of = UnicodeAttribute()
    at = UnicodeAttribute()
    position = PartAttribute(PositionPart)

    @classmethod
    def from_domain(cls, position: Position) -> "ClosedPositionRecord":
        return cls(
            pk=position.account,
            sk=keys.closed(position.id),
            closed_of=position.account,
            at=keys.at(closing_time_ms(position), position.id),
            position=position,
        )

    def to_domain(self) -> Position:
        return self.position


class TotalsRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    notional = DecimalAttribute()
    margin = DecimalAttribute()
    slots = IntegerAttribute()
    version = IntegerAttribute()
    risk = DecimalAttribute(default=Decimal)

    def to_domain(self) -> BookTotals:
        return BookTotals(AccountId(self.pk), self.notional, self.margin, self.slots, self.version, self.risk)


class ReservationRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    symbol = UnicodeAttribute()
    side = EnumAttribute(PositionSide)
    notional = DecimalAttribute()
    margin = DecimalAttribute()
    risk = DecimalAttribute(default=Decimal)
    state = EnumAttribute(ReservationState)
    reserved_at_ms = IntegerAttribute()
    filled_at_ms = IntegerAttribute(null=True)
    released_at_ms = IntegerAttribute(null=True)

    def to_domain(self) -> Reservation:
        return Reservation(
            account=AccountId(self.pk),
            order=ClientOrderId(self.sk),
            symbol=Symbol(self.symbol),
            side=self.side,
            notional=self.notional,
            margin=self.margin,
            state=self.state,
            reserved_at_ms=self.reserved_at_ms,
            filled_at_ms=self.filled_at_ms,
            released_at_ms=self.released_at_ms,
            risk=self.risk,
        )
