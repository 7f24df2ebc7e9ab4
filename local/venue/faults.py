"""Misbehaviour on request, drawn from one seed and counted by kind.

A text such as ``take_then_503=0.05,drop_ws_every_s=20,duplicate=0.1,late=0.1,expire_listen_key_once`` asks for it;
``all`` is the set that `make smoke FAULTS=all` names, ``storm`` is every kind there is, each at a low rate.

Kinds with a probability between 0 and 1:
  orders   take_then_503 take_then_1007 take_then_timeout take_then_reset unparsable empty_answer refuse_503 refuse_1007
           late_503 refuse_in_200 margin_refused filter_refused trigger_refused stops_refused order_limit
  cancels  cancel_then_503 cancel_then_timeout cancel_then_2011 refuse_cancel_503 fill_before_cancel
  reads    read_503 read_timeout read_reset
  all      answer_429 answer_418 clock_skew signature_refused nonce_refused html_page
  streams  duplicate late reorder
Kinds with a number of seconds: query_lag_s listing_lag_s positions_lag_s drop_ws_every_s (tape time) late_by_s
silent_stream_s, and from the next request on, once, maintenance_s and key_refused_s.
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
    TAKE_THEN_1007 = "take_then_1007"
    """The order is executed and the answer is -1007: no answer in time from inside."""
    REFUSE_1007 = "refuse_1007"
    """-1007, and the order is never executed."""
    EMPTY_ANSWER = "empty_answer"
    """The order is executed and the 200 has no body."""
    REFUSE_IN_200 = "refuse_in_200"
    """The order is refused, and the status of that answer is 200."""
    MARGIN_REFUSED = "margin_refused"
    """-2019 on an order that opens."""
    FILTER_REFUSED = "filter_refused"
    """A filter refuses the order, as after a change of the rules."""
    TRIGGER_REFUSED = "trigger_refused"
    """-2021 on a conditional order."""
    STOPS_REFUSED = "stops_refused"
    """-4045 on a conditional order."""
    ORDER_LIMIT = "order_limit"
    """-1015: too many orders this minute, all of the account's clients together."""
    CANCEL_THEN_503 = "cancel_then_503"
    CANCEL_THEN_TIMEOUT = "cancel_then_timeout"
    CANCEL_THEN_2011 = "cancel_then_2011"
    """The order is canceled, and the answer is that there is none."""
    REFUSE_CANCEL_503 = "refuse_cancel_503"
    FILL_BEFORE_CANCEL = "fill_before_cancel"
    """The market trades through the order just before it would be canceled."""
    READ_503 = "read_503"
    READ_TIMEOUT = "read_timeout"
    READ_RESET = "read_reset"
    SIGNATURE_REFUSED = "signature_refused"
    """-1022, on V3 -1000."""
    NONCE_REFUSED = "nonce_refused"
    """-4225 on a signed request of V3, which is not executed."""
    QUERY_LAG_S = "query_lag_s"
    """Young orders are not found by queries for this long."""
    LISTING_LAG_S = "listing_lag_s"
    """The list of open orders is this old: it lacks new ones and still has some that have ended."""
    POSITIONS_LAG_S = "positions_lag_s"
    """The list of positions is this old."""
    MAINTENANCE_S = "maintenance_s"
    """503 for everything, from the next request on for this long."""
    KEY_REFUSED_S = "key_refused_s"
    """-2014 or -2015 for everything that is signed, from the next request on for this long."""
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
_SECONDS: Final = frozenset(fault for fault in Fault if fault.endswith("_s"))
_SETS: Final = {
    "none": "",
    "all": "take_then_503=0.05,drop_ws_every_s=20,duplicate=0.1,late=0.1,expire_listen_key_once",
    "storm": (
        "take_then_503=0.02,take_then_timeout=0.01,take_then_reset=0.01,refuse_503=0.01,late_503=0.01,answer_429=0.005,"
        "clock_skew=0.01,html_page=0.01,unparsable=0.01,query_lag_s=1,drop_ws_every_s=20,duplicate=0.1,late=0.1,"
        "reorder=0.05,silent_stream_s=30,expire_listen_key_once,take_then_1007=0.01,refuse_1007=0.01,empty_answer=0.01,"
        "refuse_in_200=0.01,margin_refused=0.01,filter_refused=0.01,trigger_refused=0.01,stops_refused=0.01,"
        "order_limit=0.005,cancel_then_503=0.01,cancel_then_timeout=0.01,cancel_then_2011=0.01,refuse_cancel_503=0.01,"
        "fill_before_cancel=0.02,read_503=0.01,read_timeout=0.005,read_reset=0.005,signature_refused=0.001,"
        "nonce_refused=0.005,listing_lag_s=1,positions_lag_s=1,maintenance_s=10,key_refused_s=5"
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
    _until_ms: dict[Fault, int] = field(default_factory=dict)

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

    def lasts(self, fault: Fault, now_ms: int) -> bool:
        """Whether a fault that comes once and lasts for some seconds is on. The first call begins it."""
        if fault not in self.active:
            return False
        if fault not in self._until_ms:
            self._until_ms[fault] = now_ms + int(self.active[fault] * 1_000)
            self.counts[fault] += 1
        if now_ms < self._until_ms[fault]:
            return True
        del self.active[fault], self._until_ms[fault]
        return False

    def count(self, fault: Fault) -> None:
        """Note that a fault measured in seconds took effect."""
        self.counts[fault] += 1

    def replace(self, text: str) -> None:
        """From now on misbehave as ``text`` says; what was counted stays."""
        self.set(parsed(text))

    def set(self, active: dict[Fault, float]) -> None:
        self.active = active
        self._until_ms.clear()


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
