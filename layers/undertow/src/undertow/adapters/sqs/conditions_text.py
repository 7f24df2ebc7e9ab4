"""What the worker measured beside a liquidation, as text. Put together by hand, like the message that it goes into."""

import json
from decimal import Decimal
from typing import Final

from undertow.domain.conditions import (
    AggregateCascade,
    Atr,
    Bias,
    CascadeFormula,
    CascadeReading,
    Conditions,
    PercentileRank,
    Vwap,
)

_quoted: Final = json.JSONEncoder(ensure_ascii=False).encode


def percentile_text(rank: PercentileRank) -> str:
    return (
        f'{{"rank":"{rank.rank:f}","events":{rank.events},"days":"{rank.days:f}",'
        f'"complete":{"true" if rank.complete else "false"}}}'
    )


def conditions_text(conditions: Conditions) -> str:
    atrs = ",".join([_atr(one) for one in conditions.atrs.values()])
    vwaps = ",".join([_vwap(one) for one in conditions.vwaps.values()])
    cascades = ",".join([_cascade(one) for one in conditions.cascades.values()])
    aggregates = ",".join([_aggregate(formula, one) for formula, one in conditions.aggregates.items()])
    return (
        f'{{"atrs":[{atrs}],"vwaps":[{vwaps}],"cascades":[{cascades}],"aggregates":[{aggregates}],'
        f'"bias":{_bias(conditions.bias)}}}'
    )


def _atr(one: Atr) -> str:
    return (
        f'{{"interval_s":{one.interval_s},"fast_pct":"{one.fast_pct:f}","slow_pct":"{one.slow_pct:f}",'
        f'"closed_at_ms":{one.closed_at_ms}}}'
    )


def _vwap(one: Vwap) -> str:
    return f'{{"minutes":{one.minutes},"price":"{one.price:f}","closed_at_ms":{one.closed_at_ms}}}'


def _cascade(one: CascadeReading) -> str:
    counted = ",".join([_quoted(name) for name in one.counted])
    return (
        f'{{"formula":"{one.formula.value}","colour":"{one.colour.value}","points":"{one.points:f}",'
        f'"liquidations":{_optional(one.liquidations)},"returns":{_optional(one.returns)},'
        f'"open_interest":{_optional(one.open_interest)},"counted":[{counted}],"reversal":"{one.reversal.value}",'
        f'"since_ms":{one.since_ms},"measured_at_ms":{one.measured_at_ms},"reason":{_quoted(one.reason)}}}'
    )


def _aggregate(formula: CascadeFormula, one: AggregateCascade) -> str:
    return (
        f'{{"formula":"{formula.value}","blocked":{"true" if one.blocked else "false"},'
        f'"blocked_symbols":{one.blocked_symbols},"fresh_symbols":{one.fresh_symbols},'
        f'"monitored_symbols":{one.monitored_symbols},"since_ms":{one.since_ms},"measured_at_ms":{one.measured_at_ms}}}'
    )


def _bias(bias: Bias | None) -> str:
    if bias is None:
        return "null"
    return (
        f'{{"book":{_optional(bias.book)},"funding":{_optional(bias.funding)},"combined":{_optional(bias.combined)}}}'
    )


def _optional(value: Decimal | None) -> str:
    return "null" if value is None else f'"{value:f}"'
