"""In every third seed one theme is turned up, in turn: bugs that need two rare things at once have their day there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from local.venue.faults import Fault

EVERY: Final = 3


@dataclass(frozen=True, slots=True)
class Theme:
    """``rates`` are those of our faults, as in a swarm, ``venue`` those of the venue's; there are no others.

    ``is_eager``: strategies that enter at every chance, in accounts whose caps bind. ``is_patient``: at prices where
    their orders rest for a while.
    """

    name: str
    rates: Mapping[str, float]
    venue: Mapping[Fault, float] = field(default_factory=dict)
    is_eager: bool = False
    is_patient: bool = False
    has_two_workers: bool = False
    """From the beginning, as when a stage is deployed: both send everything, gathered differently."""


ANSWERS: Final = Theme(
    "answers",
    {"answer_lost": 0.08, "request_lost": 0.04, "answer_strange": 0.15, "user_frame_late": 0.3, "burst": 1.0},
    {
        Fault.TAKE_THEN_503: 0.15,
        Fault.TAKE_THEN_TIMEOUT: 0.1,
        Fault.TAKE_THEN_RESET: 0.1,
        Fault.REFUSE_503: 0.1,
        Fault.LATE_503: 0.05,
        Fault.QUERY_LAG_S: 6.0,
    },
)
RACES: Final = Theme(
    "races",
    {
        "claim_held": 0.8,
        "switched_under_a_claim": 0.15,
        "write_held": 0.05,
        "cascade": 4.0,
        "paused": 0.5,
        "flattened": 0.5,
    },
    {Fault.MARGIN_REFUSED: 0.1},
    is_eager=True,
    has_two_workers=True,
)
PARTS: Final = Theme(
    "parts",
    {
        "fills_in_parts": 20.0,
        "book_thins_out": 4.0,
        "user_frame_late": 0.3,
        "user_frame_duplicated": 0.2,
        "conflict_forced": 0.2,
        "write_held": 0.05,
        "burst": 2.0,
    },
    {Fault.FILL_BEFORE_CANCEL: 0.5, Fault.LISTING_LAG_S: 6.0},
    is_eager=True,
    is_patient=True,
)
HANDS: Final = Theme(
    "hands",
    {
        "trade_never_listed": 0.5,
        "user_frame_late": 0.2,
        "owner_opens": 1.5,
        "owner_adds": 1.5,
        "owner_closes": 1.0,
        "owner_reduces": 1.5,
        "owner_flips": 1.0,
        "owner_cancels_stop": 2.0,
        "owner_cancels_target": 1.0,
        "positions_unreadable": 0.6,
        "user_socket_cut": 1.0,
    },
    {Fault.POSITIONS_LAG_S: 4.0},
)
WAITS: Final = Theme(
    "waits",
    {
        "throttled": 6.0,
        "concurrency_zero": 1.0,
        "liquidation_late": 0.3,
        "queue_delayed": 0.2,
        "ack_lost": 0.1,
        "message_failed": 0.1,
        "crash_before_store_write": 0.01,
        "crash_after_venue_post": 0.05,
        "cascade": 2.0,
        "worker_doubled": 1.0,
    },
    is_eager=True,
)
THEMES: Final = (ANSWERS, RACES, PARTS, HANDS, WAITS)


def theme_of(seed: int) -> Theme | None:
    return THEMES[seed // EVERY % len(THEMES)] if seed % EVERY == 0 else None
