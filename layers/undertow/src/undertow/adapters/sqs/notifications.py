"""The bodies of the notifications queue, one a message, in the order in which they were made: reports of conditions,
and trials of the routes by which people hear of them.
"""

from collections.abc import Mapping
from typing import Final

from undertow.adapters.sqs.messages import BadMessage
from undertow.domain.alert import AlertLevel, Over, Raised, RouteTrial
from undertow.domain.ids import digest_of
from undertow.domain.json_text import Json, NotJson, read_object, write_json

RAISED: Final = "raised"
OVER: Final = "over"
TRIAL: Final = "trial"
LONGEST_TEXT: Final = 2_000
"""Of a message or a fact. A frame that could not be read may be of any length."""


def notifications_group(key: str) -> str:
    """Reports of one condition are told in their order; conditions do not wait for each other."""
    return digest_of(key)


def notification_text(report: Raised | Over) -> str:
    body: dict[str, Json] = {
        "kind": RAISED if isinstance(report, Raised) else OVER,
        "key": report.key,
        "message": report.message[:LONGEST_TEXT],
        "at_ms": report.at_ms,
    }
    if isinstance(report, Raised):
        body["level"] = report.level.value
        body["facts"] = {name: value[:LONGEST_TEXT] for name, value in report.facts.items()}
    return write_json(body)


def trial_text(trial: RouteTrial) -> str:
    return write_json({"kind": TRIAL, "route": trial.route, "by": trial.by, "at_ms": trial.at_ms})


def read_notification(text: str) -> Raised | Over | RouteTrial:
    """Raises BadMessage."""
    try:
        body = read_object(text)
        at_ms = body["at_ms"]
        if type(at_ms) is not int:
            raise BadMessage("at_ms is no whole number")
        if body["kind"] == TRIAL:
            return RouteTrial(_text(body, "route"), _text(body, "by"), at_ms)
        key, message = _text(body, "key"), _text(body, "message")
        if body["kind"] == OVER:
            return Over(key, message, at_ms)
        if body["kind"] != RAISED:
            raise BadMessage("the kind is none of raised, over, trial")
        facts = body["facts"]
        if not isinstance(facts, Mapping):
            raise BadMessage("facts is no object")
        return Raised(
            key, AlertLevel(_text(body, "level")), message, {name: _text(facts, name) for name in facts}, at_ms
        )
    except (NotJson, KeyError, ValueError) as error:
        raise BadMessage(str(error)) from error


def _text(body: Mapping[str, Json], name: str) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise BadMessage(f"{name} is no text")
    return value
