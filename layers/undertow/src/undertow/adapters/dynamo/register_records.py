"""Rows of what is known of accounts and venues now."""

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import DecimalAttribute, EnumAttribute, IntegerAttribute, WrittenAttribute
from undertow.adapters.dynamo.written import read_brackets, write_brackets
from undertow.domain.account import (
    Balance,
    Control,
    MarginType,
    PositionMode,
    Readiness,
    Switch,
    VenueHealth,
)
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import Venue


class ControlRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    account = UnicodeAttribute()
    switch = EnumAttribute(Switch)
    since_ms = IntegerAttribute()
    by = UnicodeAttribute()
    reason = UnicodeAttribute()
    version = IntegerAttribute()

    @classmethod
    def from_domain(cls, control: Control) -> "ControlRecord":
        return cls(
            pk=keys.account(control.account),
            sk=keys.CONTROL,
            account=control.account,
            switch=control.switch,
            since_ms=control.since_ms,
            by=control.by,
            reason=control.reason,
            version=control.version,
        )

    def to_domain(self) -> Control:
        return Control(AccountId(self.account), self.switch, self.since_ms, self.by, self.reason, self.version)


class VenueHealthRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    venue = EnumAttribute(Venue)
    blocked_until_ms = IntegerAttribute()
    reason = UnicodeAttribute()
    entries_only = BooleanAttribute(default=False)

    @classmethod
    def from_domain(cls, health: VenueHealth) -> "VenueHealthRecord":
        return cls(
            pk=keys.venue(health.venue),
            sk=keys.HEALTH,
            venue=health.venue,
            blocked_until_ms=health.blocked_until_ms,
            reason=health.reason,
            entries_only=health.entries_only,
        )

    def to_domain(self) -> VenueHealth:
        return VenueHealth(self.venue, self.blocked_until_ms, self.reason, self.entries_only)


class ReadinessRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    account = UnicodeAttribute()
    symbol = UnicodeAttribute()
    leverage = IntegerAttribute()
    margin_type = EnumAttribute(MarginType)
    position_mode = EnumAttribute(PositionMode)
    multi_assets = BooleanAttribute()
    verified_at_ms = IntegerAttribute()

    @classmethod
    def from_domain(cls, readiness: Readiness) -> "ReadinessRecord":
        return cls(
            pk=keys.account(readiness.account),
            sk=keys.readiness(readiness.symbol),
            account=readiness.account,
            symbol=readiness.symbol,
            leverage=readiness.leverage,
            margin_type=readiness.margin_type,
            position_mode=readiness.position_mode,
            multi_assets=readiness.multi_assets,
            verified_at_ms=readiness.verified_at_ms,
        )

    def to_domain(self) -> Readiness:
        return Readiness(
            account=AccountId(self.account),
            symbol=Symbol(self.symbol),
            leverage=self.leverage,
            margin_type=self.margin_type,
            position_mode=self.position_mode,
            multi_assets=self.multi_assets,
            verified_at_ms=self.verified_at_ms,
        )


class BalanceRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    wallet = DecimalAttribute()
    available = DecimalAttribute()
    unrealized = DecimalAttribute()
    time_ms = IntegerAttribute()
    initial_margin = DecimalAttribute(null=True)
    maintenance_margin = DecimalAttribute(null=True)

    @classmethod
    def from_domain(cls, balance: Balance, sort_key: str) -> "BalanceRecord":
        return cls(
            pk=balance.account,
            sk=sort_key,
            wallet=balance.wallet,
            available=balance.available,
            unrealized=balance.unrealized,
            time_ms=balance.time_ms,
            initial_margin=balance.initial_margin,
            maintenance_margin=balance.maintenance_margin,
        )

    def to_domain(self) -> Balance:
        return Balance(
            account=AccountId(self.pk),
            wallet=self.wallet,
            available=self.available,
            unrealized=self.unrealized,
            time_ms=self.time_ms,
            initial_margin=self.initial_margin,
            maintenance_margin=self.maintenance_margin,
        )


class InstrumentRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    base_asset = UnicodeAttribute()
    quote_asset = UnicodeAttribute()
    margin_asset = UnicodeAttribute()
    status = UnicodeAttribute()
    tick_size = DecimalAttribute()
    min_price = DecimalAttribute()
    max_price = DecimalAttribute()
    lot_size = DecimalAttribute()
    min_quantity = DecimalAttribute()
    max_quantity = DecimalAttribute()
    market_lot_size = DecimalAttribute()
    market_min_quantity = DecimalAttribute()
    market_max_quantity = DecimalAttribute()
    min_notional = DecimalAttribute()
    price_multiplier_up = DecimalAttribute()
    price_multiplier_down = DecimalAttribute()
    max_orders = IntegerAttribute()
    max_algo_orders = IntegerAttribute()
    trigger_protect = DecimalAttribute()
    market_take_bound = DecimalAttribute()
    liquidation_fee = DecimalAttribute()
    fetched_at_ms = IntegerAttribute()
    brackets = WrittenAttribute(write_brackets, read_brackets, default=())

    @classmethod
    def from_domain(cls, instrument: Instrument) -> "InstrumentRecord":
        return cls(
            pk=instrument.venue.value,
            sk=instrument.symbol,
            base_asset=instrument.base_asset,
            quote_asset=instrument.quote_asset,
            margin_asset=instrument.margin_asset,
            status=instrument.status,
            tick_size=instrument.tick_size,
            min_price=instrument.min_price,
            max_price=instrument.max_price,
            lot_size=instrument.lot_size,
            min_quantity=instrument.min_quantity,
            max_quantity=instrument.max_quantity,
            market_lot_size=instrument.market_lot_size,
            market_min_quantity=instrument.market_min_quantity,
            market_max_quantity=instrument.market_max_quantity,
            min_notional=instrument.min_notional,
            price_multiplier_up=instrument.price_multiplier_up,
            price_multiplier_down=instrument.price_multiplier_down,
            max_orders=instrument.max_orders,
            max_algo_orders=instrument.max_algo_orders,
            trigger_protect=instrument.trigger_protect,
            market_take_bound=instrument.market_take_bound,
            liquidation_fee=instrument.liquidation_fee,
            fetched_at_ms=instrument.fetched_at_ms,
            brackets=instrument.brackets,
        )

    def to_domain(self) -> Instrument:
        return Instrument(
            venue=Venue(self.pk),
            symbol=Symbol(self.sk),
            base_asset=self.base_asset,
            quote_asset=self.quote_asset,
            margin_asset=self.margin_asset,
            status=self.status,
            tick_size=self.tick_size,
            min_price=self.min_price,
            max_price=self.max_price,
            lot_size=self.lot_size,
            min_quantity=self.min_quantity,
            max_quantity=self.max_quantity,
            market_lot_size=self.market_lot_size,
            market_min_quantity=self.market_min_quantity,
            market_max_quantity=self.market_max_quantity,
            min_notional=self.min_notional,
            price_multiplier_up=self.price_multiplier_up,
            price_multiplier_down=self.price_multiplier_down,
            max_orders=self.max_orders,
            max_algo_orders=self.max_algo_orders,
            trigger_protect=self.trigger_protect,
            market_take_bound=self.market_take_bound,
            liquidation_fee=self.liquidation_fee,
            fetched_at_ms=self.fetched_at_ms,
            brackets=self.brackets,
        )
