"""Rows of trade sessions."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo.attributes import IntegerAttribute
from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.session import SessionId, TradeSession


class SessionRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    strategy = UnicodeAttribute()
    opened_at_ms = IntegerAttribute()
    opened_by = UnicodeAttribute()
    note = UnicodeAttribute()
    archived_at_ms = IntegerAttribute(null=True)
    archived_by = UnicodeAttribute()
    version = IntegerAttribute()

    @classmethod
    def from_domain(cls, session: TradeSession) -> "SessionRecord":
        return cls(
            pk=session.account,
            sk=session.id,
            strategy=session.strategy,
            opened_at_ms=session.opened_at_ms,
            opened_by=session.opened_by,
            note=session.note,
            archived_at_ms=session.archived_at_ms,
            archived_by=session.archived_by,
            version=session.version,
        )

    def to_domain(self) -> TradeSession:
        return TradeSession(
            id=SessionId(self.sk),
            account=AccountId(self.pk),
            strategy=StrategyId(self.strategy),
            opened_at_ms=self.opened_at_ms,
            opened_by=self.opened_by,
            note=self.note,
            archived_at_ms=self.archived_at_ms,
            archived_by=self.archived_by,
            version=self.version,
        )
