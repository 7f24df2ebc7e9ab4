"""Misbehaviour on request, drawn from one seed and counted by kind.

A text such as ``take_then_503=0.05,drop_ws_every_s=20,duplicate=0.1,late=0.1,expire_listen_key_once`` asks for it;
``all`` is the set that `make smoke FAULTS=all` names, ``storm`` is every kind there is, each at a low rate.

Kinds with a probability between 0 and 1:
  REST     take_then_503 take_then_timeout take_then_reset refuse_503 late_503 answer_429 answer_418 clock_skew
           html_page unparsable
  streams  duplicate late reorder
Kinds with a number of seconds: query_lag_s drop_ws_every_s (tape time) late_by_s silent_stream_s.
Kinds without a value: expire_listen_key_once.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final


class Fault(StrEnum):
    TAKE_THEN_503 = "take_then_503"
    """The order is executed and the answer is 503."""
    TAKE_THEN_TIMEOUT = "take_then_timeout"
    """The order is executed and no answer comes."""
    TAKE_THEN_RESET = "take_then_reset"
    """The order is executed and the connection is cut."""
    REFUSE_503 = "refuse_503"
    """503, and the order is never executed."""
    LATE_503 = "late_503"
    """503, and the order is executed some seconds later."""
    ANSWER_429 = "answer_429"
    ANSWER_418 = "answer_418"
    CLOCK_SKEW = "clock_skew"
    """-1021 on a signed request."""
    HTML_PAGE = "html_page"
    """A gateway's 502 page instead of JSON; nothing is executed."""
    UNPARSABLE = "unparsable"
    """The order is executed and the body of the 200 is cut off."""
    QUERY_LAG_S = "query_lag_s"
    """Young orders are not found by queries for this long."""
    DROP_WS_EVERY_S = "drop_ws_every_s"
    DUPLICATE = "duplicate"
    LATE = "late"
    LATE_BY_S = "late_by_s"
    """How late a late frame comes; 2 seconds unless given."""
    REORDER = "reorder"
    SILENT_STREAM_S = "silent_stream_s"
    """Once, a stream keeps its socket and its pongs but says nothing for this long."""
    EXPIRE_LISTEN_KEY_ONCE = "expire_listen_key_once"


_ONCE: Final = frozenset({Fault.EXPIRE_LISTEN_KEY_ONCE})
_SECONDS: Final = frozenset({Fault.QUERY_LAG_S, Fault.DROP_WS_EVERY_S, Fault.LATE_BY_S, Fault.SILENT_STREAM_S})
_SETS: Final = {
    "none": "",
    "all": "take_then_503=0.05,drop_ws_every_s=20,duplicate=0.1,late=0.1,expire_listen_key_once",
    "storm": (
        "take_then_503=0.02,take_then_timeout=0.01,take_then_reset=0.01,refuse_503=0.01,late_503=0.01,answer_429=0.005,"
        "clock_skew=0.01,html_page=0.01,unparsable=0.01,query_lag_s=1,drop_ws_every_s=20,duplicate=0.1,late=0.1,"
        "reorder=0.05,silent_stream_s=30,expire_listen_key_once"
    ),
}


class UnknownFault(ValueError):
    """The text names no fault, or gives it a value that it cannot have."""


@dataclass(slots=True)
class Faults:
    """``active`` maps a fault to its probability or seconds; one-time faults stand with 1 until they struck."""

    random: Random
    active: dict[Fault, float] = field(default_factory=dict)
    counts: Counter[Fault] = field(default_factory=Counter)

    def strikes(self, fault: Fault) -> bool:
        """Draw whether ``fault`` happens now, and count it if so. Never happens unless it was asked for.

        A one-time fault strikes at the first call and never again.
        """
        probability = self.active.get(fault, 0.0)
        if probability <= 0 or self.random.random() >= probability:
            return False
        if fault in _ONCE:
            del self.active[fault]
        self.counts[fault] += 1
        return True

    def seconds(self, fault: Fault, otherwise: float = 0.0) -> float:
        return self.active.get(fault, otherwise)

    def count(self, fault: Fault) -> None:
        """Note that a fault measured in seconds took effect."""
        self.counts[fault] += 1

    def replace(self, text: str) -> None:
        """From now on misbehave as ``text`` says; what was counted stays."""
        self.active = parsed(text)


def faults(text: str, seed: int) -> Faults:
    return Faults(Random(f"faults {seed}"), parsed(text))


def parsed(text: str) -> dict[Fault, float]:
    """Raises UnknownFault, naming the word."""
    active: dict[Fault, float] = {}
    for word in text.replace(" ", "").split(","):
        if word in _SETS:
            active.update(parsed(_SETS[word]) if _SETS[word] else {})
        elif word:
            fault, value = _one(word)
            active[fault] = value
    return active


def _one(word: str) -> tuple[Fault, float]:
    name, _, text = word.partition("=")
    if name not in set(Fault):
        raise UnknownFault(f"{name!r} is no fault; there are: {', '.join(Fault)}, and the sets {', '.join(_SETS)}")
    fault = Fault(name)
    try:
        value = float(text) if text else 1.0
    except ValueError:
        raise UnknownFault(f"{word!r}: {text!r} is not a number") from None
    if not 0 <= value <= (86_400 if fault in _SECONDS else 1):
        raise UnknownFault(f"{word!r}: a probability is 0 to 1, seconds are 0 to 86400")
    return fault, value
