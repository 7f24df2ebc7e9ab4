"""Strategies over HTTP: looked at, checked, applied against the version that was seen, synced."""

import re
from collections.abc import Mapping
from typing import Final

from typing_extensions import TypedDict

from undertow.api.call import Answer, Call
from undertow.api.given import NAME
from undertow.api.problems import Problem, bad_request
from undertow.domain.ids import StrategyId, Symbol
from undertow.domain.json_text import read_object, write_json
from undertow.domain.market import PositionSide
from undertow.ports import BadDocument, Flaw
from undertow.services.configure import Changed
from undertow.services.console import Console
from undertow.services.views.preview import HunterPreview, LadderPreview, preview
from undertow.services.views.strategies import (
    FlawedStrategy,
    FlawFound,
    Strategies,
    StrategyAnswer,
    Synced,
    ValidStrategy,
    checked,
    stored,
    strategies,
    strategy,
    synced,
)

_TAG: Final = re.compile(r'(?:W/)?"?([0-9]{1,9})"?', re.ASCII)


class ChangedDocument(TypedDict):
    """A document as it is stored now; ``warnings`` say what is admissible and probably not meant."""

    name: str
    version: int
    document: Mapping[str, object]
    warnings: list[str]


def changed_document(changed: Changed) -> ChangedDocument:
    document = changed.document
    return {
        "name": document.name,
        "version": document.version,
        "document": read_object(document.text),
        "warnings": list(changed.warnings),
    }


def strategy_named(call: Call) -> StrategyId:
    """The strategy of the path. A name that no strategy can have is not understood."""
    name = call.path["strategy_id"]
    if NAME.fullmatch(name) is None:
        raise bad_request([Flaw("strategy_id", write_json(name)[:80], "the name of a strategy")])
    return StrategyId(name)


def seen_version(call: Call) -> int:
    """The version of If-Match: what the caller has seen; 0 for a strategy that is not there yet."""
    if call.if_match is None:
        raise Problem(
            428,
            "version_missing",
            "Say which version",
            "send the version that you have seen as the header If-Match; 0 for a strategy that is not there yet",
        )
    found = _TAG.fullmatch(call.if_match.strip())
    if found is None:
        raise bad_request([Flaw("If-Match", write_json(call.if_match)[:80], 'a version, for example "3"')])
    return int(found.group(1))


def _strategies(console: Console, call: Call) -> Strategies:
    call.given.done()
    return strategies(console.sources)


def _strategy(console: Console, call: Call) -> StrategyAnswer:
    """The document as stored, and what decisions are made by now for each symbol."""
    name = strategy_named(call)
    call.given.done()
    return strategy(console.sources, name)


def _validate(console: Console, call: Call) -> ValidStrategy | FlawedStrategy:
    """Every flaw with field, value and what is allowed; nothing is stored either way."""
    text = write_json(call.given.everything())
    call.given.done()
    try:
        document = console.sources.documents.check_strategy(text)
    except BadDocument as error:
        flaws: list[FlawFound] = [
            {"field": flaw.field, "value": flaw.value, "allowed": flaw.allowed} for flaw in error.flaws
        ]
        return {"valid": False, "flaws": flaws, "warnings": []}
    return checked(console.sources, document)


def _apply(console: Console, call: Call) -> ChangedDocument:
    """The body is the strategy as a whole. ``confirm`` beside its fields says that risk may grow."""
    name, expected = strategy_named(call), seen_version(call)
    confirmed = call.given.flag("confirm", False)
    document = {
        field: value for field, value in call.given.everything("StrategyDocument").items() if field != "confirm"
    }
    call.given.done()
    if document.get("id") != name:
        raise bad_request([Flaw("id", write_json(document.get("id"))[:80], f'the name in the path, "{name}"')])
    if expected > 0:
        stored(console.sources, name)
    return changed_document(console.configure.apply(write_json(document), expected, call.by, confirmed=confirmed))


def _preview(console: Console, call: Call) -> HunterPreview | LadderPreview:
    """On live prices. Without a side: long."""
    name = strategy_named(call)
    symbol = call.given.symbol(required=True)
    side = call.given.choice("side", PositionSide) or PositionSide.LONG
    call.given.done()
    return preview(console.sources, name, Symbol(str(symbol)), side)


def _sync(console: Console, call: Call) -> Synced:
    """Reads the parameters anew, now, and tells who sees what."""
    only = call.given.strategy()
    call.given.done()
    return synced(console.sources, only)


ANSWERS: Final[Mapping[str, Answer]] = {
    "strategies": _strategies,
    "strategy": _strategy,
    "validate_strategy": _validate,
    "apply_strategy": _apply,
    "preview_strategy": _preview,
    "sync_strategies": _sync,
}
