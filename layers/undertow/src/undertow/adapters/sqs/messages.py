"""The bodies of the four queues.

Writing is the stream worker's hot path, so bodies are put together by hand from texts that need no escaping. Reading is
strict: what is not exactly as written here raises BadMessage, and never becomes a number by goodwill.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from undertow.adapters.sqs.conditions_text import conditions_text, percentile_text
from undertow.domain.conditions import PercentileRank
from undertow.domain.event import StreamGap, Ticks
from undertow.domain.follow_up import FollowUp
from undertow.domain.ids import AccountId, ClientOrderId, LiquidationId, Symbol, digest_of
from undertow.domain.market import (
    BestPrices,
    Liquidation,
    LiquidationBatch,
    MarkPrice,
    Venue,
    VolumeWindow,
)

if TYPE_CHECKING:
    from undertow.adapters.sqs import bodies

WHOLE_ACCOUNT: Final = "*"
"""Stands for the symbol in the group of events that concern the account as a whole."""
TICK_GROUPS: Final = 3
LONGEST_GROUP: Final = 128


class BadMessage(ValueError):
    """A message body is not as documented. It will not get better by reading it again."""


@dataclass(frozen=True, slots=True)
class UserFrames:
    """Raw frames of one user data stream, in the order in which they came."""

    venue: Venue
    account: AccountId
    received_at_ms: int
    frames: tuple[str, ...]


# --- groups and identities ------------------------------------------------------------------------------------------


@lru_cache(maxsize=2_048)
def liquidations_group(venue: Venue, symbol: Symbol) -> str:
    return _group(venue.value, symbol)


def user_events_group(account: AccountId, symbol: str) -> str:
    return _group(account, symbol)


def ticks_group(account: AccountId, number: int) -> str:
    """Ticks of an account go by turns into as many groups as there are ticks in the time for which the queue hides one
    that a process died with (template, TicksQueue): none of them waits behind it."""
    return _group(account, str(number % TICK_GROUPS))


def _group(owner: str, symbol: str) -> str:
    """SQS admits up to 128 ASCII letters in a group's name; symbols are neither all ASCII nor all short."""
    group = f"{owner}#{quote(symbol, safe=WHOLE_ACCOUNT)}"
    return group if len(group) <= LONGEST_GROUP else f"{owner}#{digest_of(symbol)}"


def liquidations_digest(ids: Sequence[LiquidationId]) -> str:
    """The same events make the same message, whichever worker sends them. An id is a digest itself already."""
    return ids[0] if len(ids) == 1 else digest_of("liquidations", *ids)


# --- writing --------------------------------------------------------------------------------------------------------

_quoted: Final = json.JSONEncoder(ensure_ascii=False).encode


def liquidation_text(
    liquidation: Liquidation,
    windows: Mapping[int, VolumeWindow],
    received_at_ms: int,
    percentile: PercentileRank | None = None,
) -> str:
    """One element of ``liquidations``. Ids, sides and numbers hold no letter that JSON would escape."""
    measured = ",".join([_window_text(window) for window in windows.values()])
    rank = "" if percentile is None else f',"percentile":{percentile_text(percentile)}'
    return (
        f'{{"id":"{liquidation.id}","side":"{liquidation.side!s}","quantity":"{_number(liquidation.quantity)}",'
        f'"price":"{_number(liquidation.price)}","event_time_ms":{liquidation.event_time_ms},'
        f'"trade_time_ms":{liquidation.trade_time_ms},"received_at_ms":{received_at_ms},"windows":[{measured}]{rank}}}'
    )


def _window_text(window: VolumeWindow) -> str:
    return (
        f'{{"seconds":{window.seconds},"usdt":"{_number(window.usdt)}","tokens":"{_number(window.tokens)}",'
        f'"usdt_before":"{_number(window.usdt_before)}","tokens_before":"{_number(window.tokens_before)}",'
        f'"events":{window.events},"sampled_seconds":{window.sampled_seconds}}}'
    )


def _number(value: Decimal) -> str:
    """Without an exponent. Most have none, and then this is twice as fast as asking for none."""
    text = str(value)
    return f"{value:f}" if "E" in text else text


def liquidations_text(
    venue: Venue,
    symbol: Symbol,
    epoch: int,
    window_covered: bool,
    sent_at_ms: int,
    book: BestPrices | None,
    mark: MarkPrice | None,
    liquidations: Iterable[str],
    conditions: str = "null",
) -> str:
    """The body of a message on the liquidations queue, from the texts of its liquidations and of its conditions."""
    return (
        f'{{"v":1,"venue":"{venue.value}","symbol":{_quoted(symbol)},"epoch":{epoch},'
        f'"window_covered":{"true" if window_covered else "false"},"sent_at_ms":{sent_at_ms},'
        f'"book":{_book_text(book)},"mark":{_mark_text(mark)},"conditions":{conditions},'
        f'"liquidations":[{",".join(liquidations)}]}}'
    )


def _book_text(book: BestPrices | None) -> str:
    if book is None:
        return "null"
    return (
        f'{{"bid":"{book.bid:f}","bid_quantity":"{book.bid_quantity:f}","ask":"{book.ask:f}",'
        f'"ask_quantity":"{book.ask_quantity:f}","time_ms":{book.time_ms}}}'
    )


def _mark_text(mark: MarkPrice | None) -> str:
    if mark is None:
        return "null"
    return (
        f'{{"price":"{mark.price:f}","time_ms":{mark.time_ms},"index":{_optional(mark.index)},'
        f'"funding_rate":{_optional(mark.funding_rate)},'
        f'"next_funding_time_ms":{"null" if mark.next_funding_time_ms is None else mark.next_funding_time_ms}}}'
    )


def _optional(value: Decimal | None) -> str:
    return "null" if value is None else f'"{value:f}"'


def batch_text(batch: LiquidationBatch) -> str:
    return liquidations_text(
        batch.venue,
        batch.symbol,
        batch.epoch,
        batch.window_covered,
        batch.sent_at_ms,
        batch.book,
        batch.mark,
        [
            liquidation_text(one.liquidation, one.windows, one.received_at_ms, one.percentile)
            for one in batch.liquidations
        ],
        "null" if batch.conditions is None else conditions_text(batch.conditions),
    )


def tick_mark_text(symbol: Symbol, mark: MarkPrice) -> str:
    """One element of ``marks``."""
    return f'{_quoted(symbol)}:{{"price":"{mark.price:f}","time_ms":{mark.time_ms}}}'


def ticks_text(venue: Venue, account: AccountId, sent_at_ms: int, marks: str) -> str:
    """The body of a message on the ticks queue; ``marks`` are texts joined by commas, the same for every account."""
    return (
        f'{{"v":1,"venue":"{venue.value}","account":{_quoted(account)},"sent_at_ms":{sent_at_ms},"marks":{{{marks}}}}}'
    )


def user_frames_text(frames: UserFrames) -> str:
    return _json(
        {
            "v": 1,
            "venue": frames.venue.value,
            "account": frames.account,
            "received_at_ms": frames.received_at_ms,
            "frames": list(frames.frames),
        }
    )


def quoted_bytes(frame: str) -> int:
    """What ``frame`` adds to a body: a text within a text has its quotes escaped."""
    return len(_quoted(frame).encode()) + 1


def gap_text(venue: Venue, gap: StreamGap) -> str:
    return _json(
        {
            "v": 1,
            "venue": venue.value,
            "account": gap.account,
            "gap": {"from_ms": gap.from_ms, "to_ms": gap.to_ms, "reason": gap.reason},
        }
    )


def follow_up_text(follow_up: FollowUp) -> str:
    return _json(
        {
            "v": 1,
            "kind": follow_up.kind.value,
            "account": follow_up.account,
            "symbol": follow_up.symbol,
            "position_side": follow_up.position_side.value,
            "order": follow_up.order,
            "attempt": follow_up.attempt,
            "created_at_ms": follow_up.created_at_ms,
        }
    )


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# --- reading --------------------------------------------------------------------------------------------------------

# The models are imported where something is read: the stream worker only writes, and has no megabyte to give away.

_B = TypeVar("_B", bound="bodies.Body")


def _read(model: type[_B], body: str) -> _B:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadMessage(f"{where or 'body'}: {first['msg']} ({error.error_count()} in all)") from None


def read_liquidations(body: str) -> LiquidationBatch:
    """Raises BadMessage."""
    from undertow.adapters.sqs.bodies import LiquidationsBody

    read = _read(LiquidationsBody, body)
    symbol = Symbol(read.symbol)
    return LiquidationBatch(
        venue=read.venue,
        symbol=symbol,
        epoch=read.epoch,
        window_covered=read.window_covered,
        sent_at_ms=read.sent_at_ms,
        book=None if read.book is None else read.book.to_domain(),
        mark=None if read.mark is None else read.mark.to_domain(),
        liquidations=tuple(one.to_domain(read.venue, symbol) for one in read.liquidations),
        conditions=None if read.conditions is None else read.conditions.to_domain(),
    )


def read_user_events(body: str) -> UserFrames | StreamGap:
    """Either frames or a gap, never both. Raises BadMessage."""
    from undertow.adapters.sqs.bodies import UserEventsBody

    read = _read(UserEventsBody, body)
    account = AccountId(read.account)
    if read.gap is not None and read.frames is None and read.received_at_ms is None:
        return StreamGap(account, read.gap.from_ms, read.gap.to_ms, read.gap.reason)
    if read.frames is not None and read.gap is None and read.received_at_ms is not None:
        return UserFrames(read.venue, account, read.received_at_ms, tuple(read.frames))
    raise BadMessage("body: holds neither frames nor a gap, or both")


def read_follow_up(body: str) -> FollowUp:
    """Raises BadMessage."""
    from undertow.adapters.sqs.bodies import FollowUpBody

    read = _read(FollowUpBody, body)
    return FollowUp(
        kind=read.kind,
        account=AccountId(read.account),
        symbol=Symbol(read.symbol),
        position_side=read.position_side,
        order=None if read.order is None else ClientOrderId(read.order),
        attempt=read.attempt,
        created_at_ms=read.created_at_ms,
    )


def read_ticks(body: str) -> Ticks:
    """Raises BadMessage."""
    from undertow.adapters.sqs.bodies import TicksBody

    read = _read(TicksBody, body)
    marks = {Symbol(symbol): MarkPrice(mark.price, mark.time_ms) for symbol, mark in read.marks.items()}
    return Ticks(read.venue, AccountId(read.account), read.sent_at_ms, marks)
