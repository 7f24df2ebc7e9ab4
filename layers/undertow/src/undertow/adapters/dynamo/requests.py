"""Requests of people, over the tables. The row of a request is what the stream hands to the one that carries it out."""

from collections.abc import Sequence
from typing import Final

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import DecimalAttribute, EnumAttribute, IntegerAttribute, WrittenAttribute
from undertow.adapters.dynamo.conditions import ABSENT, Condition, at_version
from undertow.adapters.dynamo.newest import Newest
from undertow.adapters.dynamo.store import DynamoStore, Item
from undertow.adapters.dynamo.tables import CONTROL
from undertow.domain.ids import AccountId, ClientOrderId, PositionId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.request import OperatorRequest, RequestId, RequestKind, RequestState
from undertow.ports.places import Place
from undertow.ports.requests import place_of_request

_BY_TIME: Final = CONTROL.indexes[0]
_ASKED: Final = Condition("#state = :asked", {"#state": "state"}, {":asked": {"S": RequestState.ASKED.value}})
_LATEST_MS: Final = 10**13


def _write_orders(orders: tuple[ClientOrderId, ...]) -> str:
    return " ".join(orders)


def _read_orders(text: str) -> tuple[ClientOrderId, ...]:
    return tuple(ClientOrderId(order) for order in text.split())


class RequestRecord(Model):
    """``request_of`` and ``at`` are the index's: the account, and when it was asked."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    request_of = UnicodeAttribute()
    at = UnicodeAttribute()
    account = UnicodeAttribute()
    symbol = UnicodeAttribute()
    side = EnumAttribute(PositionSide)
    position = UnicodeAttribute()
    kind = EnumAttribute(RequestKind)
    asked_at_ms = IntegerAttribute()
    by = UnicodeAttribute()
    percent = DecimalAttribute(null=True)
    stop_price = DecimalAttribute(null=True)
    confirmed = BooleanAttribute()
    state = EnumAttribute(RequestState)
    begun_at_ms = IntegerAttribute(null=True)
    finished_at_ms = IntegerAttribute(null=True)
    quantity = DecimalAttribute(null=True)
    asked_price = DecimalAttribute(null=True)
    stop_before = DecimalAttribute(null=True)
    held_before_ms = IntegerAttribute(null=True)
    orders = WrittenAttribute(_write_orders, _read_orders)
    reason = UnicodeAttribute()
    version = IntegerAttribute()

    @classmethod
    def from_domain(cls, request: OperatorRequest) -> "RequestRecord":
        return cls(
            pk=keys.requests(request.account),
            sk=request.id,
            request_of=request.account,
            at=keys.at(request.asked_at_ms, request.id),
            account=request.account,
            symbol=request.symbol,
            side=request.side,
            position=request.position,
            kind=request.kind,
            asked_at_ms=request.asked_at_ms,
            by=request.by,
            percent=request.percent,
            stop_price=request.stop_price,
            confirmed=request.confirmed,
            state=request.state,
            begun_at_ms=request.begun_at_ms,
            finished_at_ms=request.finished_at_ms,
            quantity=request.quantity,
            asked_price=request.asked_price,
            stop_before=request.stop_before,
            held_before_ms=request.held_before_ms,
            orders=request.orders,
            reason=request.reason,
            version=request.version,
        )

    def to_domain(self) -> OperatorRequest:
        return OperatorRequest(
            id=RequestId(self.sk),
            account=AccountId(self.account),
            symbol=Symbol(self.symbol),
            side=self.side,
            position=PositionId(self.position),
            kind=self.kind,
            asked_at_ms=self.asked_at_ms,
            by=self.by,
            percent=self.percent,
            stop_price=self.stop_price,
            confirmed=bool(self.confirmed),
            state=self.state,
            begun_at_ms=self.begun_at_ms,
            finished_at_ms=self.finished_at_ms,
            quantity=self.quantity,
            asked_price=self.asked_price,
            stop_before=self.stop_before,
            held_before_ms=self.held_before_ms,
            orders=self.orders,
            reason=self.reason,
            version=self.version,
        )


def _read(item: Item) -> OperatorRequest:
    return RequestRecord.from_raw_data(item).to_domain()


class DynamoRequests:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def get(self, account: AccountId, request: RequestId) -> OperatorRequest | None:
        item = self._store.get(CONTROL, keys.requests(account), request)
        return RequestRecord.from_raw_data(item).to_domain() if item else None

    def add(self, request: OperatorRequest) -> bool:
        return self._store.put_if(CONTROL, RequestRecord.from_domain(request).serialize(), ABSENT)

    def update(self, request: OperatorRequest) -> bool:
        item = RequestRecord.from_domain(request).serialize()
        return self._store.put_if(CONTROL, item, at_version(request.version - 1))

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[OperatorRequest]:
        newest = Newest(self._store, CONTROL, _BY_TIME)
        return newest.rows(account, (from_ms, to_ms), limit, after, _read, place_of_request)

    def unfinished(self, account: AccountId, since_ms: int) -> Sequence[OperatorRequest]:
        between = keys.span(since_ms, _LATEST_MS)
        items = self._store.query(CONTROL, account, index=_BY_TIME, between=between, only=_ASKED)
        return [_read(item) for item in items]
