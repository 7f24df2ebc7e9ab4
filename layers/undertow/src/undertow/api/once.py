"""Doing what is sent with an ``Idempotency-Key`` once: which actions need one, and which may be done a second time."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from chalice.app import Response

from undertow.api.call import Call
from undertow.api.problems import KNOWN_FAILURES, Problem, bad_request
from undertow.api.routes import Route
from undertow.domain.action import Action, KeptAnswer
from undertow.domain.ids import digest_of
from undertow.domain.json_text import write_json
from undertow.ports import Flaw, StoreBusy
from undertow.services.act_once import ActOnce, InProgress, KeyReused, OutcomeUnknown
from undertow.services.console import Console

HEADER: Final = "idempotency-key"
KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
REPLAYED: Final = "Idempotency-Replayed"


@dataclass(frozen=True, slots=True)
class Rule:
    """``repeatable``: one that was begun and never ended may be done again under its key, ``because`` of what it is."""

    needs_key: bool
    repeatable: bool
    because: str


_GUARDED: Final = Rule(False, True, "the version in If-Match moves with the first one, so a second one is refused")
_ASKS: Final = Rule(True, True, "the id of a request follows from the key, so a second one finds the first")
_TIGHTENS: Final = Rule(True, True, "a switch that is at it, or at something stricter, stays as it is")

RULES: Final[Mapping[str, Rule]] = {
    "pause": _TIGHTENS,
    "close_only": _TIGHTENS,
    "flatten": _TIGHTENS,
    "resume": Rule(True, True, "it names the version of the switch that was seen, which moves with the first one"),
    "write_config": _GUARDED,
    "write_symbol": _GUARDED,
    "add_symbol": _GUARDED,
    "remove_symbol": _GUARDED,
    "apply_strategy": _GUARDED,
    "restore_strategy": _GUARDED,
    "sync_strategies": Rule(False, True, "it reads the store anew and changes nothing in it"),
    "start_fresh": Rule(True, False, "each one archives a session: a second one would archive what the first opened"),
    "add_adjustment": Rule(True, True, "its id follows from what is entered, so a second one finds it there"),
    "close_position": _ASKS,
    "move_stop": _ASKS,
    "break_even": _ASKS,
    "hold_layers": _ASKS,
    "acknowledge_alert": Rule(True, True, "who saw it first stays"),
    "test_routes": Rule(True, True, "a test that comes twice tells the same twice, and nothing follows from it"),
    "revoke_adjustment": Rule(True, True, "what is revoked is not revoked again"),
}
"""Of every route that changes something. The reason is what the next person asks for before changing a rule."""

ONLY_READS: Final = frozenset({"validate_strategy", "validate_globals", "preview_draft"})
"""They take a document, which is too long for an address, and change nothing: a key means nothing to them."""

_UNTHOUGHT: Final = Rule(True, False, "nobody has thought about it")


def rule_of(route: Route) -> Rule | None:
    """None for a route that changes nothing."""
    if route.method == "GET" or route.name in ONLY_READS:
        return None
    return RULES.get(route.name, _UNTHOUGHT)


def read_key(route: Route, presented: str | None) -> str | None:
    """The key that was sent. Raises Problem when the route needs one and there is none, or for what is no key."""
    rule = rule_of(route)
    if rule is None:
        return None
    if presented is None:
        if rule.needs_key:
            raise Problem(
                428,
                "key_missing",
                "Say under which key",
                "send a key of your own as the header Idempotency-Key, a new one for each thing that you want done: "
                "8 to 64 letters, digits, - and _",
            )
        return None
    if KEY.fullmatch(presented) is None:
        flaw = Flaw("Idempotency-Key", write_json(presented)[:80], "8 to 64 letters, digits, - and _")
        raise bad_request([flaw])
    return presented


def act_once(console: Console, route: Route, call: Call, sent: str, answer: Callable[[], Response]) -> Response:
    """``sent`` is the body's text. What is answered under a key for the first time is answered under it ever after."""
    rule, key = rule_of(route), call.key
    if rule is None or key is None:
        return answer()
    kept, clock = console.sources.kept, console.sources.clock
    everything = (route.name, *sorted(call.path.items()), call.if_match or "", sent)
    asked = Action(call.by, key, route.name, digest_of(*everything), clock.now_ms())
    try:
        done = ActOnce(kept.actions, clock)(asked, lambda: _kept(answer()), _refusals(rule), repeatable=rule.repeatable)
    except KeyReused as error:
        raise Problem(409, "key_reused", "The key is taken", str(error)) from error
    except InProgress as error:
        raise Problem(409, "in_progress", "Being done", str(error)) from error
    except OutcomeUnknown as error:
        raise Problem(409, "outcome_unknown", "Begun before", str(error)) from error
    again = {REPLAYED: "true"} if done.again else {}
    return Response(done.answer.body, {**done.answer.headers, **again}, done.answer.status)


def _refusals(rule: Rule) -> tuple[type[Exception], ...]:
    """After these nothing was changed. A store may also give up half way: that matters where twice is too often."""
    known = (Problem, *KNOWN_FAILURES)
    return known if rule.repeatable else tuple(failure for failure in known if failure is not StoreBusy)


def _kept(response: Response) -> KeptAnswer:
    headers = {name: str(value) for name, value in response.headers.items()}
    return KeptAnswer(response.status_code, headers, str(response.body))
