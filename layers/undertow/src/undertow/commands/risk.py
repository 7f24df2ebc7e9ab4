"""`undertow risk`, `blocks` and `backfill-reserved-risk`: what is at risk, and what stands against entries."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from undertow.commands.terminal import CommandFailed, Exit, Terminal, duration, table
from undertow.commands.view_parts import Row, money, part_of, rows_of
from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.json_text import Json, write_json
from undertow.domain.numbers import plain
from undertow.domain.session import SessionId
from undertow.services.backfill_reserved_risk import BackfillReservedRisk, BookSummary
from undertow.services.console import Operator
from undertow.services.reset_drawdown import DrawdownNotCleared, NothingToClear, ResetDrawdown
from undertow.services.views.answers import as_json
from undertow.services.views.blocks import blocks as blocks_view
from undertow.services.views.risk import risk as risk_view

_CENT: Final = Decimal("0.01")


# --- risk -----------------------------------------------------------------------------------------------------------


def risk(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """The budget, the positions, the eight layers and three shocks, account by account."""
    found = as_json(risk_view(operator.console.sources, None if args.account is None else AccountId(args.account)))
    if args.json:
        terminal.tell(write_json(found, indent=2))
        return
    for row in rows_of(found["accounts"]):
        for line in _account(row):
            terminal.tell(line)


def _account(row: Row) -> Iterator[str]:
    budget = part_of(row["budget"])
    yield f"{row['account']} ({row['mode']}): equity {row['equity'] or 'not known'} USDT"
    yield (
        f"  risk filled {budget['filled']} USDT ({_of(budget['filledRiskPercentage'])}), reserved "
        f"{budget['reserved']} ({_of(budget['reservedRiskPercentage'])}), pending {budget['pending']}, "
        f"free {budget['free'] or 'not known'} of {budget['cap'] or 'not known'} ({budget['cap_pct']} % of equity)"
    )
    if budget["without_reserve"] != "0":
        yield (
            f"  WITHOUT RESERVE: {budget['without_reserve']} USDT count for nothing in the limit: "
            "`undertow backfill-reserved-risk`"
        )
    positions = [leg for pair in rows_of(row["positions"]) for leg in _legs(pair)]
    if positions:
        heads = ("position", "side", "filled", "reserved", "pending", "stop", "liquidation", "layers", "flag")
        yield table(heads, positions)
    yield table(("layer", "state", "values", "limits"), (_layer(layer) for layer in rows_of(row["layers"])))
    yield table(
        ("shock", "with stops", "equity then", "without stops", "equity then", "liquidated without stops"),
        (_shock(shock) for shock in rows_of(row["shocks"])),
    )
    yield str(row["shocks_note"])


def _of(percent: Json) -> str:
    return "share not known" if percent is None else f"{percent} % of equity"


def _legs(pair: Row) -> Iterator[tuple[str, ...]]:
    for leg in rows_of(pair["legs"]):
        layers = f"{leg['layers_filled']} of {leg['layers']}" if leg["layers"] is not None else ""
        yield (
            f"{pair['symbol']}{' (hedged)' if pair['hedged'] else ''}",
            str(leg["side"]).lower(),
            str(leg["filled"]),
            str(leg["reserved"]),
            str(leg["pending"]),
            str(leg["stop_price"] or "NONE"),
            _liquidation(leg),
            layers,
            str(leg["flag"]),
        )


def _liquidation(leg: Row) -> str:
    found = part_of(leg["liquidation_price"])
    if not found:
        return ""
    return str(found["price"] or "at no price") if found["known"] else "not known"


def _layer(layer: Row) -> tuple[str, ...]:
    return (
        f"{layer['number']} {layer['name']}",
        str(layer["state"]),
        _pairs(part_of(layer["values"])),
        _pairs(part_of(layer["limits"])),
    )


def _pairs(values: Row) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in values.items())


def _shown(value: Json) -> str:
    if value is None:
        return "not known"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(str(one) for one in value) or "none"
    return str(value)


def _shock(shock: Row) -> tuple[str, ...]:
    stopped, bare = part_of(shock["with_stops"]), part_of(shock["without_stops"])
    return (
        f"{shock['price_change_pct']} %",
        money(stopped["pnl"]),
        money(stopped["equity"]),
        money(bare["pnl"]),
        money(bare["equity"]),
        _shown(bare["liquidated"]),
    )


# --- blocks ---------------------------------------------------------------------------------------------------------


def blocks(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Everything that stands against new entries now, and why signals were refused in the last hour."""
    found = as_json(blocks_view(operator.console.sources, None if args.account is None else AccountId(args.account)))
    if args.json:
        terminal.tell(write_json(found, indent=2))
        return
    standing = rows_of(found["blocks"])
    if not standing:
        terminal.tell("nothing stands against new entries")
    for block in standing:
        for_ms = block["for_ms"]
        since = f", for {duration(for_ms)}" if isinstance(for_ms, int) else ""
        terminal.tell(f"{block['kind']} ({block['scope']}{since}): {block['reason']}\n    clears: {block['clears']}")
        if block["inputs"]:
            terminal.tell(f"    {_pairs(part_of(block['inputs']))}")
    refusals = part_of(found["refusals"])
    told = _pairs(part_of(refusals["by_gate"])) or "none"
    terminal.tell(f"refused signals in the last hour, by gate: {told}")


# --- what a person changes ------------------------------------------------------------------------------------------


def reset_drawdown(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Clear the drawdown stop of one account: its peak counts from the present equity on."""
    (account,) = operator.console.sources.accounts(AccountId(args.account))
    if args.confirm is not None:
        answer = args.confirm
    elif terminal.interactive:
        answer = terminal.ask(
            f"Clear the drawdown stop of {account.id} ({account.mode.value})? It may lose as much again. "
            "Type the account's name: "
        )
    else:
        raise CommandFailed(Exit.FAILED, f"this asks for confirmation: add --confirm {account.id}")
    if answer.strip() != account.id:
        raise CommandFailed(Exit.FAILED, "not confirmed, nothing changed")
    kept, clock = operator.console.sources.kept, operator.console.sources.clock
    try:
        guard = ResetDrawdown(kept.guards, kept.balances, kept.audit, clock)(account.id, f"terminal {terminal.user}")
    except NothingToClear as error:
        raise CommandFailed(Exit.NOT_THERE, str(error)) from error
    except DrawdownNotCleared as error:
        raise CommandFailed(Exit.CHANGED_MEANWHILE, f"{error}; nothing changed") from error
    peak = "not known" if guard.peak_equity is None else plain(guard.peak_equity)
    terminal.tell(f"{account.id}: the drawdown stop is cleared, its peak is {peak} USDT from now on")


def backfill(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Reserve risk for open positions that have none. Shows what it would do; --apply does it."""
    console = operator.console
    summaries = BackfillReservedRisk(console.sources, console.sessions, console.sources.kept.audit)(
        f"terminal {terminal.user}",
        apply=args.apply,
        strategy=None if args.strategy is None else StrategyId(args.strategy),
        session=None if args.session is None else SessionId(args.session),
    )
    if not any(summary.gaps for summary in summaries):
        _require_known(operator, args.strategy, args.session)
    for summary in summaries:
        for line in _summary(summary):
            terminal.tell(line)
    if not args.apply and any(summary.gaps for summary in summaries):
        terminal.tell("nothing was written: add --apply to reserve this risk")


def _require_known(operator: Operator, strategy: str | None, session: str | None) -> None:
    """A mistyped name must not look like one without positions. Strategies that were removed still have sessions."""
    console = operator.console
    opened = [one for account in console.sources.accounts(None) for one in console.sessions.of(account.id)]
    strategies = {document.name for document in console.sources.documents.strategies()} | {
        one.strategy for one in opened
    }
    if strategy is not None and strategy not in strategies:
        known = ", ".join(sorted(strategies)) or "none"
        raise CommandFailed(Exit.NOT_THERE, f"there is no strategy {strategy}; there are: {known}")
    if session is not None and session not in {one.id for one in opened}:
        raise CommandFailed(Exit.NOT_THERE, f"there is no session {session}: `undertow session list` shows them")


def _summary(summary: BookSummary) -> Iterator[str]:
    yield f"{summary.account}: {summary.positions} positions, {len(summary.gaps)} without reserved risk"
    if summary.gaps:
        heads = ("position", "side", "strategy", "session", "filled", "reserved", "then", "from", "outcome")
        yield table(heads, _gaps(summary))
    then = summary.reserved_after
    cap = "not known" if summary.cap is None else plain(summary.cap.quantize(_CENT))
    yield (
        f"  book: filled {_money(summary.filled)}, reserved {_money(summary.reserved_before)} -> {_money(then)} USDT, "
        f"limit {cap}"
    )
    if summary.cap is not None and then > summary.cap:
        yield "  the limit is exceeded: nothing new is opened until it fits again; nothing is closed for it"


def _gaps(summary: BookSummary) -> Iterator[tuple[str, ...]]:
    for gap in summary.gaps:
        yield (
            gap.position.symbol,
            gap.position.side.value.lower(),
            gap.position.strategy or "external",
            gap.session or "none",
            _money(gap.filled),
            "0",
            _money(gap.reserve),
            gap.source.value,
            gap.outcome or "dry run",
        )


def _money(amount: Decimal) -> str:
    return plain(amount.quantize(_CENT))
