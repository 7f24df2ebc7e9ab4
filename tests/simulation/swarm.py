"""What can go wrong on our side: a register of fault kinds. Each seed has a random part of them, at its own rates."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.simulation.themes import Theme
from tests.simulation.troubles import TROUBLES


@dataclass(frozen=True, slots=True)
class FaultKind:
    """``rows`` are those of the failure model. ``highest`` is the highest rate that a seed may draw.

    A rate is a probability each time the fault could strike, except for acts, where it is how often a minute.
    """

    name: str
    rows: tuple[int, ...]
    highest: float
    is_act: bool = False


CALLS: Final = (
    "store_read",
    "store_write",
    "venue_post",
    "venue_get",
    "venue_cancel",
    "queue_send",
    "params",
    "notify",
)
"""Kinds of outside calls, as the gate tells them apart."""

_CRASH_ROWS: Final = {
    "store_read": (58,),
    "store_write": (58, 18),
    "venue_post": (18, 19, 39, 58),
    "venue_get": (58,),
    "venue_cancel": (33, 40, 58),
    "queue_send": (58,),
    "params": (58,),
    "notify": (58,),
}


def _crash_rate(call: str) -> float:
    """What is called less often is struck more often."""
    usual = {"store_read": 0.02, "store_write": 0.03, "venue_get": 0.03, "params": 0.1, "venue_post": 0.2}
    return usual.get(call, 0.5)


FAULTS: Final[dict[str, FaultKind]] = {
    kind.name: kind
    for kind in (
        *(FaultKind(f"crash_before_{call}", _CRASH_ROWS[call], _crash_rate(call)) for call in CALLS),
        *(FaultKind(f"crash_after_{call}", _CRASH_ROWS[call], 2 * _crash_rate(call)) for call in CALLS),
        FaultKind("hung_until_timeout", (57,), 0.004),
        FaultKind("slow_store", (70,), 0.05),
        FaultKind("slow_venue", (36, 57), 0.1),
        FaultKind("cold_start", (60,), 0.3),
        FaultKind("frozen_container", (61,), 0.3),
        FaultKind("lambda_clock_off", (26, 96), 0.3),
        FaultKind("throttled", (59,), 1.0, is_act=True),
        FaultKind("concurrency_zero", (59,), 0.4, is_act=True),
        FaultKind("schedule_twice", (63,), 0.6),
        FaultKind("schedule_missed", (63,), 0.5),
        FaultKind("store_busy_before_read", (70, 79), 0.02),
        FaultKind("store_busy_before_write", (69, 70, 79), 0.02),
        FaultKind("store_busy_after_write", (71,), 0.02),
        FaultKind("store_outage", (79,), 0.3, is_act=True),
        FaultKind("conflict_forced", (68, 69), 0.2),
        FaultKind("stale_index", (72,), 0.5),
        FaultKind("follow_up_not_sent", (66,), 0.4),
        FaultKind("follow_up_sent_unheard", (66, 53), 0.5),
        FaultKind("params_unavailable", (77,), 0.3),
        FaultKind("params_changed", (78,), 1.0, is_act=True),
        FaultKind("queue_duplicate", (53,), 0.1),
        FaultKind("queue_out_of_order", (54,), 0.5),
        FaultKind("queue_delayed", (59,), 0.2),
        FaultKind("message_failed", (55,), 0.1),
        FaultKind("ack_lost", (53,), 0.05),
        FaultKind("dead_redriven", (56, 62), 0.5, is_act=True),
        FaultKind("paused", (85,), 0.5, is_act=True),
        FaultKind("close_only", (85,), 0.5, is_act=True),
        FaultKind("flattened", (85,), 0.6, is_act=True),
        FaultKind("worker_killed", (65, 67), 0.4, is_act=True),
        FaultKind("worker_doubled", (5, 64), 0.8, is_act=True),
        FaultKind("market_socket_cut", (1, 2), 0.6, is_act=True),
        FaultKind("user_socket_cut", (10, 12), 0.8, is_act=True),
        FaultKind("user_frame_duplicated", (14,), 0.2),
        FaultKind("user_frame_late", (13, 14), 0.2),
        FaultKind("user_frame_unreadable", (4,), 0.05),
        FaultKind("liquidation_duplicated", (5,), 0.2),
        FaultKind("liquidation_late", (6,), 0.2),
        FaultKind("liquidation_clock_wrong", (8,), 0.05),
        FaultKind("worker_send_failed", (66,), 0.1),
        FaultKind("worker_send_unheard", (66, 53), 0.1),
        FaultKind("tick_lost", (54,), 0.2),
        FaultKind("connection_refused", (61,), 0.05),
        FaultKind("request_lost", (20,), 0.04),
        FaultKind("answer_lost", (20, 19), 0.05),
        FaultKind("answer_slow", (13,), 0.1),
        FaultKind("burst", (7,), 0.5, is_act=True),
        *(FaultKind(trouble.name, trouble.rows, 60 / trouble.every_s, is_act=True) for trouble in TROUBLES),
        FaultKind("claim_held", (68, 70), 0.2),
        FaultKind("switched_under_a_claim", (85,), 0.1),
        FaultKind("write_held", (68, 70), 0.02),
        FaultKind("answer_strange", (21,), 0.1),
        FaultKind("cascade", (7,), 0.5, is_act=True),
        FaultKind("positions_unreadable", (36,), 0.2, is_act=True),
        FaultKind("trade_never_listed", (16, 47), 0.1),
    )
}


@dataclass(slots=True)
class Swarm:
    """``rates`` are the faults of this run. None of them strikes before it is awake, nor once it is ``calm``."""

    random: Random
    rates: dict[str, float]
    intensity: float = 1.0
    hits: Counter[str] = field(default_factory=Counter)
    is_awake: bool = False

    def strikes(self, name: str) -> bool:
        rate = self.rates.get(name)
        if rate is None or not self.is_awake or self.random.random() >= rate:
            return False
        self.hits[name] += 1
        return True

    def hit(self, name: str) -> None:
        self.hits[name] += 1

    def calm(self) -> None:
        self.rates = {}


INTENSITIES: Final = (0.0, 0.03, 0.03, 0.03, 0.1, 0.1, 0.1, 0.1, 0.3, 1.0)
"""Few seeds are storms, where one fault falls into the recovery from another; in most of them faults come singly."""


def themed_swarm(random: Random, theme: Theme) -> Swarm:
    return Swarm(random, dict(theme.rates))


def drawn_swarm(random: Random, kinds: Iterable[FaultKind] = tuple(FAULTS.values())) -> Swarm:
    """One seed in ten has no faults at all; the others have between a tenth and six tenths of them."""
    intensity = random.choice(INTENSITIES)
    share = random.uniform(0.1, 0.6)
    rates = {}
    for kind in kinds:
        chosen, height = random.random() < share, random.uniform(0.1, 1) ** 2
        if chosen and intensity:
            rates[kind.name] = kind.highest * height * (intensity ** (0.5 if kind.is_act else 1))
    return Swarm(random, rates, intensity)
