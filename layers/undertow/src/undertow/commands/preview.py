"""`undertow preview`: what a strategy would do now, on live prices. Nothing is placed."""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence

from undertow.commands.terminal import Terminal, table
from undertow.commands.view_parts import Row, part_of
from undertow.domain.ids import StrategyId, Symbol
from undertow.domain.json_text import write_json
from undertow.domain.market import PositionSide
from undertow.services.console import Operator
from undertow.services.views.answers import as_json
from undertow.services.views.preview import preview as preview_view


def preview(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    side = PositionSide(args.side.upper())
    found = as_json(preview_view(operator.console.sources, StrategyId(args.strategy), Symbol(args.symbol), side))
    if args.json:
        terminal.tell(write_json(found, indent=2))
        return
    for line in _lines(found):
        terminal.tell(line)


def _lines(found: Row) -> Iterator[str]:
    yield (
        f"{found['strategy']} ({found['kind']}, version {found['params_version']}) on {found['account']}: "
        f"{found['symbol']} {str(found['side']).lower()}, mark {found['mark']}, bid {found['bid']}, ask {found['ask']}"
    )
    yield f"equity {found['equity'] or 'not known'} USDT, available {found['available'] or 'not known'} USDT"
    if found["refused"] is not None:
        yield f"WOULD BE REFUSED: {found['refused']}"
    if found.get("balance_needed") is not None:
        yield f"balance needed: {found['balance_needed']} USDT"
    if found.get("trade_value_needed") is not None:
        yield f"trade_value_usdt needed: {found['trade_value_needed']} USDT"
    yield from _ladder(found)
    entry = part_of(found.get("entry"))
    if entry:
        yield (
            f"entry {entry['quantity']} at {entry['price']}: notional {entry['notional']} USDT, "
            f"margin {entry['margin']} USDT at {found['leverage']}x {found['margin_type']}"
        )
        yield f"stop {found['stop_price']}, target {found['target_price']}, liquidation {_liquidation(found)}"
        yield (
            f"risk {found['risk']} USDT, {found['risk_equity_pct'] or 'not known'} % of equity, "
            "fees and slippage included"
        )
        yield from _worst_day(part_of(found.get("worst_day")))


def _ladder(found: Row) -> Iterator[str]:
    layers = found.get("layers")
    rows = [row for row in layers if isinstance(row, Mapping)] if isinstance(layers, Sequence) else []
    if not rows:
        return
    heads = ("layer", "price", "quantity", "risk", "average", "stop", "target", "liquidation", "risk together")
    names = ("number", "price", "quantity", "risk", "average_price", "stop_price", "target_price")
    yield table(
        heads, [(*(str(row[name]) for name in names), _liquidation(row), str(row["risk_together"])) for row in rows]
    )
    yield (
        f"{len(rows)} of {found['layers_wanted']} layers, growth {found['growth']} of {found['growth_wanted']}; "
        f"risk {found['risk']} USDT, {found['risk_equity_pct'] or 'not known'} % of equity; "
        f"margin {found['margin']} USDT"
    )
    yield from _worst_day(part_of(found.get("worst_day")))


def _liquidation(row: Row) -> str:
    found = part_of(row.get("liquidation"))
    return str(found["price"] or "at no price") if found["known"] else f"not known ({found['reason']})"


def _worst_day(day: Row) -> Iterator[str]:
    if not day:
        yield "worst day: no candles were recorded"
        return
    yield (
        f"worst of {day['days']} days: {day['against_pct']} % against it, would have lost {day['loss_with_stop']} USDT "
        f"with the stop, {day['loss_without_stop']} USDT without"
    )
