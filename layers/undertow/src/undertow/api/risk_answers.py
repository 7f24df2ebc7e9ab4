"""What stands in the way of entries, and what is at risk."""

from collections.abc import Mapping
from typing import Final

from undertow.api.call import Answer, Call
from undertow.domain.json_text import Json
from undertow.services.console import Console
from undertow.services.views.blocks import blocks
from undertow.services.views.recommendations import recommendations
from undertow.services.views.risk import risk


def _blocks(console: Console, call: Call) -> Json:
    only = call.given.account()
    call.given.done()
    return blocks(console.sources, only)


def _risk(console: Console, call: Call) -> Json:
    only = call.given.account()
    call.given.done()
    return risk(console.sources, only)


def _recommendations(console: Console, call: Call) -> Json:
    only = call.given.account()
    hours = call.given.whole("hours", 6, 1, 24)
    call.given.done()
    return recommendations(console.sources, only, hours)


ANSWERS: Final[Mapping[str, Answer]] = {"blocks": _blocks, "risk": _risk, "recommendations": _recommendations}
