"""The venue's own misbehaviour as a seed draws it: any of the kinds that the simulated venue knows."""

from random import Random
from typing import Final

from local.venue.faults import Fault

_STREAMS_ONLY: Final = frozenset(
    {
        Fault.DROP_WS_EVERY_S,
        Fault.DUPLICATE,
        Fault.LATE,
        Fault.LATE_BY_S,
        Fault.REORDER,
        Fault.SILENT_STREAM_S,
        Fault.EXPIRE_LISTEN_KEY_ONCE,
    }
)
"""They strike at websockets, which the simulated worker has none of: it has these faults of its own."""
_BY_TROUBLES: Final = frozenset({Fault.MAINTENANCE_S, Fault.KEY_REFUSED_S})
_SECONDS: Final = {
    Fault.QUERY_LAG_S: (0.5, 40.0),
    Fault.LISTING_LAG_S: (0.3, 10.0),
    Fault.POSITIONS_LAG_S: (0.3, 10.0),
}
_RARE: Final = {
    Fault.ANSWER_418: 0.001,
    Fault.ANSWER_429: 0.03,
    Fault.ORDER_LIMIT: 0.02,
    Fault.SIGNATURE_REFUSED: 0.005,
}
"""A ban lasts for minutes and stops everything: one is enough for a run."""
_OFTEN: Final = dict.fromkeys(
    (
        Fault.CANCEL_THEN_503,
        Fault.CANCEL_THEN_TIMEOUT,
        Fault.CANCEL_THEN_2011,
        Fault.REFUSE_CANCEL_503,
        Fault.FILL_BEFORE_CANCEL,
        Fault.TRIGGER_REFUSED,
        Fault.STOPS_REFUSED,
        Fault.MARGIN_REFUSED,
    ),
    0.5,
)
"""Cancels and stops are few, and so are orders that open."""
USUAL: Final = 0.2


def drawn_venue_faults(random: Random, share: float, intensity: float) -> dict[Fault, float]:
    """``share`` of the kinds, each at a rate of its own, up to ``intensity`` times its highest."""
    active: dict[Fault, float] = {}
    for fault in Fault:
        chosen, height = random.random() < share, random.uniform(0.1, 1) ** 2
        if not chosen or fault in _STREAMS_ONLY | _BY_TROUBLES:
            continue
        if fault in _SECONDS:
            low, high = _SECONDS[fault]
            active[fault] = low + (high - low) * height
        else:
            active[fault] = (_RARE | _OFTEN).get(fault, USUAL) * height * intensity
    return active
