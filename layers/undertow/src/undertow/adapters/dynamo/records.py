"""Rows of what happened: orders, fills, decisions, human actions. Each knows its way from and to the domain."""

from decimal import Decimal

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import (
    DecimalAttribute,
    EnumAttribute,
    IntegerAttribute,
    TextsAttribute,
    WrittenAttribute,
)
from undertow.adapters.dynamo.tables import DAY_MS, DECISIONS
from undertow.adapters.dynamo.written import read_readings, write_readings
from undertow.domain.decision import Decision, Outcome
from undertow.domain.fill import Fill
from undertow.domain.ids import (
    AccountId,
    ClientOrderId,
    DecisionId,
    LadderId,
    LiquidationId,
    PositionId,
    StrategyId,
    Symbol,
    TradeId,
    VenueOrderId,
)
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import Order, OrderIntent, OrderState, OrderType, Purpose, TimeInForce, WorkingType
from undertow.ports import AuditRow


class OrderRecord(Model):
    """``live`` is the account while the order is unfinished, and absent afterwards."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    at = UnicodeAttribute()
    live = UnicodeAttribute(null=True)
    version = IntegerAttribute()
    state = EnumAttribute(OrderState)
    created_at_ms = IntegerAttribute()
    updated_at_ms = IntegerAttribute()
    venue_order_id = IntegerAttribute(null=True)
    filled_quantity = DecimalAttribute()
    average_price = DecimalAttribute()
    reason = UnicodeAttribute()
    not_found = IntegerAttribute()
    symbol = UnicodeAttribute()
    position_side = EnumAttribute(PositionSide)
    purpose = EnumAttribute(Purpose)
    type = EnumAttribute(OrderType)
    quantity = DecimalAttribute(null=True)
    strategy = UnicodeAttribute(null=True)
    position_id = UnicodeAttribute(null=True)
    price = DecimalAttribute(null=True)
    stop_price = DecimalAttribute(null=True)
    time_in_force = EnumAttribute(TimeInForce, null=True)
    working_type = EnumAttribute(WorkingType, null=True)
    price_protect = BooleanAttribute()
    close_position = BooleanAttribute()
    leverage = IntegerAttribute()
    layer = IntegerAttribute()
    ttl_s = IntegerAttribute(null=True)
    expires_at_ms = IntegerAttribute(null=True)
    ladder = UnicodeAttribute(null=True)
    risk = DecimalAttribute(default=Decimal)
    confidence = IntegerAttribute(null=True)
    answered_at_ms = IntegerAttribute(null=True)
    missing_since_ms = IntegerAttribute(null=True)

    @classmethod
    def from_domain(cls, order: Order) -> "OrderRecord":
        intent = order.intent
        return cls(
            pk=intent.account,
            sk=intent.client_order_id,
            at=keys.at(order.created_at_ms, intent.client_order_id),
            live=None if order.state.is_final else intent.account,
            version=order.version,
            state=order.state,
            created_at_ms=order.created_at_ms,
            updated_at_ms=order.updated_at_ms,
            venue_order_id=order.venue_order_id,
            filled_quantity=order.filled_quantity,
            average_price=order.average_price,
            reason=order.reason,
            not_found=order.not_found,
            symbol=intent.symbol,
            position_side=intent.position_side,
            purpose=intent.purpose,
            type=intent.type,
            quantity=intent.quantity,
            strategy=intent.strategy,
            position_id=intent.position_id,
            price=intent.price,
            stop_price=intent.stop_price,
            time_in_force=intent.time_in_force,
            working_type=intent.working_type,
            price_protect=intent.price_protect,
            close_position=intent.close_position,
            leverage=intent.leverage,
            layer=intent.layer,
            ttl_s=intent.ttl_s,
            expires_at_ms=intent.expires_at_ms,
            ladder=intent.ladder,
            risk=intent.risk,
            confidence=intent.confidence,
            answered_at_ms=order.answered_at_ms,
            missing_since_ms=order.missing_since_ms,
        )

    def to_domain(self) -> Order:
        return Order(
            intent=self._intent(),
            state=self.state,
            created_at_ms=self.created_at_ms,
            updated_at_ms=self.updated_at_ms,
            venue_order_id=None if self.venue_order_id is None else VenueOrderId(self.venue_order_id),
            filled_quantity=self.filled_quantity,
            average_price=self.average_price,
            reason=self.reason,
            not_found=self.not_found,
            version=self.version,
            answered_at_ms=self.answered_at_ms,
            missing_since_ms=self.missing_since_ms,
        )

    def _intent(self) -> OrderIntent:
        return OrderIntent(
            client_order_id=ClientOrderId(self.sk),
            account=AccountId(self.pk),
            symbol=Symbol(self.symbol),
            position_side=self.position_side,
            purpose=self.purpose,
            type=self.type,
            quantity=self.quantity,
            strategy=None if self.strategy is None else StrategyId(self.strategy),
            position_id=None if self.position_id is None else PositionId(self.position_id),
            price=self.price,
            stop_price=self.stop_price,
            time_in_force=self.time_in_force,
            working_type=self.working_type,
            price_protect=self.price_protect,
            close_position=self.close_position,
            leverage=self.leverage,
            layer=self.layer,
            ttl_s=self.ttl_s,
            expires_at_ms=self.expires_at_ms,
            ladder=None if self.ladder is None else LadderId(self.ladder),
            risk=self.risk,
            confidence=self.confidence,
        )


class FillRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    account = UnicodeAttribute()
    at = UnicodeAttribute()
    symbol = UnicodeAttribute()
    trade_id = IntegerAttribute()
    venue_order_id = IntegerAttribute()
    client_order_id = UnicodeAttribute(null=True)
    side = EnumAttribute(Side)
    position_side = EnumAttribute(PositionSide, null=True)
    price = DecimalAttribute()
    quantity = DecimalAttribute()
    commission = DecimalAttribute()
    commission_asset = UnicodeAttribute()
    realized_pnl = DecimalAttribute()
    maker = BooleanAttribute()
    time_ms = IntegerAttribute()

    @classmethod
    def from_domain(cls, fill: Fill) -> "FillRecord":
        trade = keys.trade(fill.trade_id)
        return cls(
            pk=keys.fills(fill.account, fill.symbol),
            sk=trade,
            account=fill.account,
            at=keys.at(fill.time_ms, fill.symbol, trade),
            symbol=fill.symbol,
            trade_id=fill.trade_id,
            venue_order_id=fill.venue_order_id,
            client_order_id=fill.client_order_id,
            side=fill.side,
            position_side=fill.position_side,
            price=fill.price,
            quantity=fill.quantity,
            commission=fill.commission,
            commission_asset=fill.commission_asset,
            realized_pnl=fill.realized_pnl,
            maker=fill.maker,
            time_ms=fill.time_ms,
        )

    def to_domain(self) -> Fill:
        return Fill(
            account=AccountId(self.account),
            symbol=Symbol(self.symbol),
            trade_id=TradeId(self.trade_id),
            venue_order_id=VenueOrderId(self.venue_order_id),
            client_order_id=None if self.client_order_id is None else ClientOrderId(self.client_order_id),
            side=self.side,
            position_side=self.position_side,
            price=self.price,
            quantity=self.quantity,
            commission=self.commission,
            commission_asset=self.commission_asset,
            realized_pnl=self.realized_pnl,
            maker=self.maker,
            time_ms=self.time_ms,
        )


class DecisionRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    at = UnicodeAttribute()
    expires_at_s = IntegerAttribute()
    strategy = UnicodeAttribute()
    symbol = UnicodeAttribute()
    liquidation = UnicodeAttribute()
    outcome = EnumAttribute(Outcome)
    gate = UnicodeAttribute()
    reason = UnicodeAttribute()
    position_side = EnumAttribute(PositionSide, null=True)
    inputs = TextsAttribute()
    thresholds = TextsAttribute()
    params_version = UnicodeAttribute()
    event_time_ms = IntegerAttribute()
    decided_at_ms = IntegerAttribute()
    client_order_id = UnicodeAttribute(null=True)
    layers = WrittenAttribute(write_readings, read_readings, default=())

    @classmethod
    def from_domain(cls, decision: Decision) -> "DecisionRecord":
        return cls(
            pk=decision.account,
            sk=decision.id,
            at=keys.at(decision.decided_at_ms, decision.id),
            expires_at_s=(decision.decided_at_ms + (DECISIONS.ttl_days or 0) * DAY_MS) // 1000,
            strategy=decision.strategy,
            symbol=decision.symbol,
            liquidation=decision.liquidation,
            outcome=decision.outcome,
            gate=decision.gate,
            reason=decision.reason,
            position_side=decision.position_side,
            inputs=decision.inputs,
            thresholds=decision.thresholds,
            params_version=decision.params_version,
            event_time_ms=decision.event_time_ms,
            decided_at_ms=decision.decided_at_ms,
            client_order_id=decision.client_order_id,
            layers=decision.layers,
        )

    def to_domain(self) -> Decision:
        return Decision(
            id=DecisionId(self.sk),
            strategy=StrategyId(self.strategy),
            account=AccountId(self.pk),
            symbol=Symbol(self.symbol),
            liquidation=LiquidationId(self.liquidation),
            outcome=self.outcome,
            gate=self.gate,
            reason=self.reason,
            position_side=self.position_side,
            inputs=self.inputs,
            thresholds=self.thresholds,
            params_version=self.params_version,
            event_time_ms=self.event_time_ms,
            decided_at_ms=self.decided_at_ms,
            client_order_id=None if self.client_order_id is None else ClientOrderId(self.client_order_id),
            layers=self.layers,
        )


class AuditRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    time_ms = IntegerAttribute()
    by = UnicodeAttribute()
    action = UnicodeAttribute()
    subject = UnicodeAttribute()
    before = UnicodeAttribute()
    after = UnicodeAttribute()
    version = IntegerAttribute(default=0)

    @classmethod
    def from_domain(cls, row: AuditRow) -> "AuditRecord":
        return cls(
            pk=keys.AUDIT,
            sk=keys.at(row.time_ms, row.digest),
            time_ms=row.time_ms,
            by=row.by,
            action=row.action,
            subject=row.subject,
            before=row.before,
            after=row.after,
            version=row.version,
        )

    def to_domain(self) -> AuditRow:
        return AuditRow(self.time_ms, self.by, self.action, self.subject, self.before, self.after, self.version)
