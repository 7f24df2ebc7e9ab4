"""Changing the globals and settings of a strategy, each against the version that was seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from typing_extensions import TypedDict

from undertow.api.call import Answer, Call
from undertow.api.strategy_answers import ChangedDocument, changed_document, seen_version
from undertow.domain.ids import StrategyId, Symbol
from undertow.domain.json_text import Json, read_object, write_json
from undertow.ports import BadDocument, DocumentMissing
from undertow.services.console import Console
from undertow.services.views.strategies import FlawFound


class StoredDocument(TypedDict):
    """A document as it is stored."""

    name: str
    version: int
    document: Mapping[str, object]


def _globals(console: Console, call: Call) -> StoredDocument:
    """The globals as they are stored, with their version as the tag for the next change."""
    call.given.done()
    found = console.sources.documents.globals()
    if found is None:
        raise DocumentMissing("there are no globals yet: store some with `undertow params set`")
    return {"name": found.name, "version": found.version, "document": read_object(found.text)}


class CheckedGlobals(TypedDict):
    """Whether globals could be stored, and each thing that is wrong with them."""

    valid: bool
    flaws: list[FlawFound]
    warnings: list[str]


def _validate(console: Console, call: Call) -> CheckedGlobals:
    """Every flaw with field, value and what is allowed; nothing is stored either way."""
    text = write_json(call.given.everything("GlobalsDocument"))
    call.given.done()
    try:
        found = console.sources.documents.check_globals(text)
    except BadDocument as error:
        flaws: list[FlawFound] = [
            {"field": flaw.field, "value": flaw.value, "allowed": flaw.allowed} for flaw in error.flaws
        ]
        return {"valid": False, "flaws": flaws, "warnings": []}
    return {"valid": True, "flaws": [], "warnings": list(found.warnings)}


def _write_config(console: Console, call: Call) -> ChangedDocument:
    """Either the globals, or the base of one strategy. If-Match names the version that is there."""
    given, expected = call.given, seen_version(call)
    strategy, base = given.strategy(), given.settings("base", "SymbolSettings")
    globals_ = given.settings("globals", "GlobalsDocument")
    confirmed = given.flag("confirm", False)
    if (globals_ is None) == (base is None):
        given.complain("globals", "either globals, or strategy and base")
    elif base is not None and strategy is None:
        given.complain("strategy", "the name of the strategy that the base belongs to")
    given.done()
    configure = console.configure
    if globals_ is not None:
        return changed_document(configure.set_globals(write_json(globals_), expected, call.by, confirmed=confirmed))
    name = StrategyId(str(strategy))
    return changed_document(configure.set_base(name, base or {}, expected, call.by, confirmed=confirmed))


@dataclass(frozen=True, slots=True)
class _SymbolCall:
    strategy: StrategyId
    symbol: Symbol
    expected: int
    settings: Mapping[str, Json]
    confirmed: bool


def _symbol_call(call: Call) -> _SymbolCall:
    given, expected = call.given, seen_version(call)
    strategy = given.strategy(required=True)
    symbol = given.symbol(required=True)
    settings = given.settings("settings", "SymbolSettings")
    confirmed = given.flag("confirm", False)
    given.done()
    return _SymbolCall(StrategyId(str(strategy)), Symbol(str(symbol)), expected, settings or {}, confirmed)


def _write_symbol(console: Console, call: Call) -> ChangedDocument:
    """Replaces a symbol's own settings; what they do not say comes from the base."""
    wanted = _symbol_call(call)
    return changed_document(
        console.configure.set_symbol(
            wanted.strategy, wanted.symbol, wanted.settings, wanted.expected, call.by, confirmed=wanted.confirmed
        )
    )


def _add_symbol(console: Console, call: Call) -> ChangedDocument:
    """A strategy begins to trade a symbol, with settings of its own or with the base alone."""
    wanted = _symbol_call(call)
    return changed_document(
        console.configure.add_symbol(
            wanted.strategy, wanted.symbol, wanted.settings, wanted.expected, call.by, confirmed=wanted.confirmed
        )
    )


def _remove_symbol(console: Console, call: Call) -> ChangedDocument:
    """No new position of the symbol is opened; open ones stay managed and protected."""
    given, expected = call.given, seen_version(call)
    strategy, symbol = given.strategy(required=True), given.symbol(required=True)
    given.done()
    name = StrategyId(str(strategy))
    return changed_document(console.configure.remove_symbol(name, Symbol(str(symbol)), expected, call.by))


ANSWERS: Final[Mapping[str, Answer]] = {
    "globals": _globals,
    "validate_globals": _validate,
    "write_config": _write_config,
    "write_symbol": _write_symbol,
    "add_symbol": _add_symbol,
    "remove_symbol": _remove_symbol,
}
