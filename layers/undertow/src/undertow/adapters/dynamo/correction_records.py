"""Rows of corrections."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import DecimalAttribute, EnumAttribute, IntegerAttribute
from undertow.domain.correction import Correction, CorrectionReason
from undertow.domain.ids import AccountId, PositionId, Symbol, TradeId
from undertow.domain.market import PositionSide


class CorrectionRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    symbol = UnicodeAttribute()
    side = EnumAttribute(PositionSide)
    number = IntegerAttribute()
    time_ms = IntegerAttribute()
    reason = EnumAttribute(CorrectionReason)
    before = DecimalAttribute()
    after = DecimalAttribute()
    entry_price_before = DecimalAttribute(null=True)
    entry_price_after = DecimalAttribute(null=True)
    position = UnicodeAttribute(null=True)
    trade_id = IntegerAttribute(null=True)
    epoch = IntegerAttribute()

    @classmethod
    def from_domain(cls, correction: Correction) -> "CorrectionRecord":
        return cls(
            pk=correction.account,
            sk=keys.correction(
                correction.time_ms, correction.symbol, correction.side, correction.reason, correction.number
            ),
            symbol=correction.symbol,
            side=correction.side,
            number=correction.number,
            time_ms=correction.time_ms,
            reason=correction.reason,
            before=correction.before,
            after=correction.after,
            entry_price_before=correction.entry_price_before,
            entry_price_after=correction.entry_price_after,
            position=correction.position,
            trade_id=correction.trade_id,
            epoch=correction.epoch,
        )

    def to_domain(self) -> Correction:
        return Correction(
            account=AccountId(self.pk),
            symbol=Symbol(self.symbol),
            side=self.side,
            number=self.number,
            time_ms=self.time_ms,
            reason=self.reason,
            before=self.before,
            after=self.after,
            entry_price_before=self.entry_price_before,
            entry_price_after=self.entry_price_after,
            position=None if self.position is None else PositionId(self.position),
            trade_id=None if self.trade_id is None else TradeId(self.trade_id),
            epoch=self.epoch,
        )
