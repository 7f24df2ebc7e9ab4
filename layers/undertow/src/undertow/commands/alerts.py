"""`undertow alerts`: what is open and what was, and whether every route still reaches somebody."""

from argparse import Namespace
from collections.abc import Mapping

from undertow.commands.terminal import CommandFailed, Exit, Terminal, duration, moment, table
from undertow.commands.view_parts import rows_of
from undertow.domain.json_text import Json, write_json
from undertow.services.console import Operator
from undertow.services.views.alerts import AlertFilter
from undertow.services.views.alerts import alerts as alerts_view
from undertow.services.views.answers import as_json

DAY_MS = 86_400_000
MOST = 500


def list_(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Open alerts; with ``--days`` also those that were over within so many days."""
    now_ms = operator.console.sources.clock.now_ms()
    days = args.days or 0
    if days < 0:
        raise CommandFailed(Exit.REFUSED, f"days: {days}; allowed: a whole number from 1")
    wanted = AlertFilter(max(0, now_ms - days * DAY_MS), now_ms, MOST, only_open=not days)
    view = as_json(alerts_view(operator.console.sources, wanted))
    if args.json:
        terminal.tell(write_json(view, indent=2))
        return
    rows = [row for row in rows_of(view["alerts"]) if args.level in (None, row["level"])]
    if not rows:
        terminal.tell("no alert is open" if not days else f"no alerts in the last {days} days")
        return
    heads = ("level", "state", "since", "reports", "what", "key", "runbook")
    terminal.tell(table(heads, (_cells(row, now_ms) for row in rows)))


def test(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Fails when a route did: whoever runs this from a schedule wants to know by the exit code."""
    trials = operator.try_routes(args.route, terminal.user)
    if not trials:
        missing = "no routes are configured" if args.route is None else f"there is no route {args.route}"
        raise CommandFailed(Exit.NOT_THERE, f"{missing}: see alerts.routes in `undertow params get`")
    for trial in trials:
        told = "took it; look whether it arrived" if trial.trouble is None else f"FAILED: {trial.trouble}"
        terminal.tell(f"{trial.route.name} ({trial.route.kind.value}): {told}")
    if any(trial.trouble is not None for trial in trials):
        raise CommandFailed(Exit.FAILED, "not every route took the test")


def _cells(row: Mapping[str, Json], now_ms: int) -> tuple[str, ...]:
    runbook = row["runbook"]
    over = row["resolution"] if row["state"] == "over" else ""
    return (
        str(row["level"]),
        str(row["state"]),
        f"{moment(int(str(row['first_ms'])))} ({duration(now_ms - int(str(row['last_ms'])))} ago last)",
        str(row["count"]),
        str(row["message"]) + (f" -> {over}" if over else ""),
        str(row["key"]),
        str(runbook["number"]) if isinstance(runbook, Mapping) else "",
    )
