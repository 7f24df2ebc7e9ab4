"""Which entry of docs/runbook.md says what to do about an alert. A test compares the two."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """``keys`` are what the keys of its alerts begin with."""

    number: int
    title: str
    keys: tuple[str, ...] = ()


RUNBOOK: Final = (
    Entry(1, "Pause, close only, flatten", ("blocked#", "margin_call#")),
    Entry(
        2, "The worker is down or does not see everything", ("worker_silent", "window_uncovered", "liquidations_silent")
    ),
    Entry(
        3,
        "The user stream is silent",
        ("user_stream_silent", "listen_key_old", "no_user_stream:", "user_frame_unreadable"),
    ),
    Entry(4, "An order without an answer", ("order_unanswered#", "order_lost#", "order_unknown#")),
    Entry(5, "An unprotected position", ("unprotected#", "unprotected_for_long#", "exit_failed#", "no_target#")),
    Entry(
        6,
        "The venue and the ledger differ",
        ("difference#", "difference_returns#", "forced#", "liquidation_price#", "reconcile_late#", "missed_trades#"),
    ),
    Entry(7, "The venue refuses calls (418, 429)", ("venue_blocked#",)),
    Entry(8, "Replace the venue's keys"),
    Entry(9, "A token or a key has leaked"),
    Entry(10, "Messages that were given up", ("dead_letters#",)),
    Entry(11, "Deploy, and roll back, with open positions"),
    Entry(12, "Restore a table to an earlier second"),
    Entry(13, "The AWS region is down"),
    Entry(14, "A symbol is delisted"),
    Entry(15, "The venue is under maintenance"),
    Entry(16, "Position mode or leverage was changed", ("venue_config#",)),
    Entry(17, "The alert routes are silent", ("route_refused#", "test#")),
    Entry(18, "Money that nothing explains", ("unexplained",)),
    Entry(19, "The clocks are apart", ("clock#",)),
    Entry(
        20,
        "Parameters cannot be used",
        ("parameters_unreachable", "bad_globals", "bad_strategy:", "strategy_without_account:"),
    ),
)
ANYTHING_ELSE: Final = RUNBOOK[0]
"""Whatever it is: to pause is cheap and safe."""


def entry_for(key: str) -> Entry:
    return next((entry for entry in RUNBOOK if any(key.startswith(known) for known in entry.keys)), ANYTHING_ELSE)
