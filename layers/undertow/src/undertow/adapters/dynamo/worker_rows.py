"""Rows that the stream worker writes: liquidations and its own heartbeat. Plain items, without any library.

Liquidations go many to a row: a cascade costs a few writes a second. A row lies in the day of its last event, and its
events are at most ``SPREAD_MS`` apart. So a time range is found by its days and by the rows that end between its start
and ``SPREAD_MS`` after its end.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.tables import DAY_MS, LIQUIDATIONS, TTL_ATTRIBUTE
from undertow.domain.account import Heartbeat
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import Liquidation, Side, Venue
from undertow.domain.recording import RecordingGap

Item = dict[str, Any]

SPREAD_MS: Final = 60_000
MAX_EVENTS_BYTES: Final = 350_000
"""A row may have 400 KB, keys and attribute names included."""
LIQUIDATIONS_KEPT_MS: Final = (LIQUIDATIONS.ttl_days or 0) * DAY_MS

_EVENTS: Final = "events"


def liquidation_items(venue: Venue, epoch: int, liquidations: Sequence[Liquidation]) -> Iterator[Item]:
    """One item, unless the events are further apart or larger than a row may hold."""
    for row in _rows(liquidations):
        yield _item(venue, epoch, row)


def liquidations_of(venue: Venue, item: Item) -> Iterator[Liquidation]:
    """None where the row tells of a gap."""
    events = json.loads(item[_EVENTS]["S"]) if _EVENTS in item else ()
    for identity, symbol, side, quantity, price, event_time_ms, trade_time_ms in events:
        yield Liquidation(
            id=LiquidationId(identity),
            venue=venue,
            symbol=Symbol(symbol),
            side=Side(side),
            quantity=Decimal(quantity),
            price=Decimal(price),
            event_time_ms=event_time_ms,
            trade_time_ms=trade_time_ms,
        )


def _rows(liquidations: Sequence[Liquidation]) -> Iterator[list[tuple[Liquidation, str]]]:
    """Events by time with their texts, cut where a row would become too wide or too large."""
    row: list[tuple[Liquidation, str]] = []
    size = 0
    for liquidation in sorted(liquidations, key=lambda one: one.event_time_ms):
        text = _text(liquidation)
        length = len(text.encode()) + 1
        too_wide = row and liquidation.event_time_ms - row[0][0].event_time_ms > SPREAD_MS
        if too_wide or size + length > MAX_EVENTS_BYTES:
            yield row
            row, size = [], 0
        row.append((liquidation, text))
        size += length
    if row:
        yield row


def _item(venue: Venue, epoch: int, row: Sequence[tuple[Liquidation, str]]) -> Item:
    last_ms = row[-1][0].event_time_ms
    return {
        "pk": {"S": keys.liquidation_day(venue, last_ms)},
        "sk": {"S": keys.at(last_ms, str(epoch), row[0][0].id)},
        TTL_ATTRIBUTE: {"N": str((last_ms + LIQUIDATIONS_KEPT_MS) // 1000)},
        "epoch": {"N": str(epoch)},
        _EVENTS: {"S": "[" + ",".join(text for _, text in row) + "]"},
    }


def _text(one: Liquidation) -> str:
    fields = (
        one.id,
        one.symbol,
        one.side.value,
        str(one.quantity),
        str(one.price),
        one.event_time_ms,
        one.trade_time_ms,
    )
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def gap_item(venue: Venue, gap: RecordingGap) -> Item:
    """Beside the liquidations, by its end, and kept as long as they are."""
    return {
        "pk": {"S": keys.gaps(venue)},
        "sk": {"S": keys.at(gap.to_ms, f"{gap.from_ms:013d}")},
        TTL_ATTRIBUTE: {"N": str((gap.to_ms + LIQUIDATIONS_KEPT_MS) // 1000)},
        "from_ms": {"N": str(gap.from_ms)},
        "to_ms": {"N": str(gap.to_ms)},
        "reason": {"S": gap.reason},
    }


def gap_of(item: Item) -> RecordingGap:
    return RecordingGap(_number(item, "from_ms"), _number(item, "to_ms"), item["reason"]["S"])


def heartbeat_item(heartbeat: Heartbeat) -> Item:
    numbers = {
        "epoch": heartbeat.epoch,
        "time_ms": heartbeat.time_ms,
        "last_market_event_ms": heartbeat.last_market_event_ms,
        "last_user_event_ms": heartbeat.last_user_event_ms,
        "listen_key_renewed_at_ms": heartbeat.listen_key_renewed_at_ms,
        "loop_lag_ms": heartbeat.loop_lag_ms,
        "frames_in": heartbeat.frames_in,
        "liquidations_in": heartbeat.liquidations_in,
        "quarantined": heartbeat.quarantined,
        "dropped": heartbeat.dropped,
        "reconnects": heartbeat.reconnects,
    }
    return {
        "pk": {"S": keys.HEARTBEATS},
        "sk": {"S": heartbeat.worker},
        **{name: {"N": str(number)} for name, number in numbers.items() if number is not None},
        "window_covered": {"BOOL": heartbeat.window_covered},
    }


def heartbeat_of(item: Item) -> Heartbeat:
    return Heartbeat(
        worker=item["sk"]["S"],
        epoch=_number(item, "epoch"),
        time_ms=_number(item, "time_ms"),
        last_market_event_ms=_number_if_any(item, "last_market_event_ms"),
        last_user_event_ms=_number_if_any(item, "last_user_event_ms"),
        listen_key_renewed_at_ms=_number_if_any(item, "listen_key_renewed_at_ms"),
        loop_lag_ms=_number(item, "loop_lag_ms"),
        frames_in=_number(item, "frames_in"),
        liquidations_in=_number(item, "liquidations_in"),
        quarantined=_number(item, "quarantined"),
        dropped=_number(item, "dropped"),
        reconnects=_number(item, "reconnects"),
        window_covered=item["window_covered"]["BOOL"],
    )


def _number(item: Mapping[str, Any], name: str) -> int:
    return int(item[name]["N"])


def _number_if_any(item: Mapping[str, Any], name: str) -> int | None:
    return _number(item, name) if name in item else None
