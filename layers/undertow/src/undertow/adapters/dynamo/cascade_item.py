"""The worker's cascade state as one item. Plain, without any library: the worker writes it, the functions read it.

Readings are arrays, not objects: the item is written every few seconds, and every kilobyte of it is paid for each time.

    measured_at_ms        number     by which an older state never replaces a newer one
    open_interest_served  boolean
    aggregates            JSON text  {formula: [blocked, blocked symbols, fresh, monitored, since_ms, measured_at_ms]}
    symbols               JSON text  {symbol: {formula: [colour, points, liquidations, returns, open interest, counted,
                                     reversal, since_ms, measured_at_ms, reason]}}
"""

import json
from decimal import Decimal
from typing import Any, Final

from undertow.adapters.dynamo import keys
from undertow.domain.cascade import CascadeState
from undertow.domain.conditions import (
    AggregateCascade,
    CascadeFormula,
    CascadeReading,
    Colour,
    ReversalQuality,
)
from undertow.domain.ids import Symbol
from undertow.domain.market import Venue

Item = dict[str, Any]

MEASURED_AT: Final = "measured_at_ms"
_OPEN_INTEREST: Final = "open_interest_served"
_AGGREGATES: Final = "aggregates"
_SYMBOLS: Final = "symbols"


def cascade_key(venue: Venue) -> Item:
    return {"pk": {"S": keys.venue(venue)}, "sk": {"S": keys.CASCADE}}


def cascade_item(state: CascadeState) -> Item:
    aggregates = {formula.value: _aggregate_row(one) for formula, one in state.aggregates.items()}
    symbols = {
        symbol: {formula.value: _reading_row(one) for formula, one in readings.items()}
        for symbol, readings in state.symbols.items()
    }
    return {
        **cascade_key(state.venue),
        MEASURED_AT: {"N": str(state.measured_at_ms)},
        _OPEN_INTEREST: {"BOOL": state.open_interest_served},
        _AGGREGATES: {"S": _json(aggregates)},
        _SYMBOLS: {"S": _json(symbols)},
    }


def read_cascade_item(item: Item) -> CascadeState:
    """Raises ValueError for a colour or formula that nobody told us about: unknown states are loud."""
    aggregates = json.loads(item[_AGGREGATES]["S"])
    symbols = json.loads(item[_SYMBOLS]["S"])
    return CascadeState(
        venue=Venue(item["pk"]["S"].removeprefix(keys.VENUES)),
        measured_at_ms=int(item[MEASURED_AT]["N"]),
        open_interest_served=item[_OPEN_INTEREST]["BOOL"],
        aggregates={CascadeFormula(name): AggregateCascade(*row) for name, row in aggregates.items()},
        symbols={
            Symbol(symbol): {CascadeFormula(name): _reading(CascadeFormula(name), row) for name, row in rows.items()}
            for symbol, rows in symbols.items()
        },
    )


def _aggregate_row(one: AggregateCascade) -> list[Any]:
    return [
        one.blocked,
        one.blocked_symbols,
        one.fresh_symbols,
        one.monitored_symbols,
        one.since_ms,
        one.measured_at_ms,
    ]


def _reading_row(one: CascadeReading) -> list[Any]:
    return [
        one.colour.value,
        f"{one.points:f}",
        _text(one.liquidations),
        _text(one.returns),
        _text(one.open_interest),
        list(one.counted),
        one.reversal.value,
        one.since_ms,
        one.measured_at_ms,
        one.reason,
    ]


def _reading(formula: CascadeFormula, row: list[Any]) -> CascadeReading:
    colour, points, liquidations, returns, open_interest, counted, reversal, since_ms, measured_at_ms, reason = row
    return CascadeReading(
        formula=formula,
        colour=Colour(colour),
        points=Decimal(points),
        liquidations=_decimal(liquidations),
        returns=_decimal(returns),
        open_interest=_decimal(open_interest),
        counted=tuple(counted),
        reversal=ReversalQuality(reversal),
        since_ms=since_ms,
        measured_at_ms=measured_at_ms,
        reason=reason,
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
