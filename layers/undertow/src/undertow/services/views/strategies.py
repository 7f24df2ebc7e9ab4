"""Strategies as stored and as in force, and how a change comes into force."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from typing_extensions import TypedDict

from undertow.domain.account import Account, Mode
from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.json_text import read_json, read_object
from undertow.ports import CheckedDocument, Document, DocumentMissing, Parameters
from undertow.services.views.render import EpochMs
from undertow.services.views.settings import StrategySettings, strategy_settings
from undertow.services.views.sources import Sources

CACHED_MS: Final = 30_000
"""How old the parameters of a running function can be, see ParamsSource."""
_LAST_DECISION_MS: Final = 24 * 3_600_000
_LOOKED_THROUGH: Final = 200


class StrategySummary(TypedDict):
    """``version_in_force`` is what decisions are made by; null while it is not loaded yet."""

    id: str
    kind: str
    account: str
    mode: Mode | None
    enabled: bool
    version: int
    symbols: list[str]
    version_in_force: str | None


class Strategies(TypedDict):
    time_ms: EpochMs
    strategies: list[StrategySummary]


class StrategyAnswer(StrategySummary):
    """The document as stored, and what it comes to for each symbol."""

    time_ms: EpochMs
    document: object
    in_force: StrategySettings | None


class FlawFound(TypedDict):
    field: str
    value: str
    allowed: str


class FlawedStrategy(TypedDict):
    valid: Literal[False]
    flaws: list[FlawFound]
    warnings: list[str]


class ValidStrategy(TypedDict):
    id: str
    valid: Literal[True]
    flaws: list[FlawFound]
    warnings: list[str]
    stored_version: int
    changes_anything: bool
    document: object


class LastDecision(TypedDict):
    params_version: str
    decided_at_ms: EpochMs


class SyncedStrategy(TypedDict):
    """``last_decision`` is by which version the functions that trade really decided last."""

    id: str
    stored_version: int
    seen: str | None
    in_step: bool
    symbols: list[str]
    last_decision: LastDecision | None


class SyncedGlobals(TypedDict):
    stored_version: int
    seen: str


class Synced(TypedDict):
    time_ms: EpochMs
    globals: SyncedGlobals
    everywhere_by_ms: EpochMs
    note: str
    strategies: list[SyncedStrategy]


def strategies(sources: Sources) -> Strategies:
    params = sources.params.current()
    return {
        "time_ms": sources.clock.now_ms(),
        "strategies": [_summary(document, params) for document in sources.documents.strategies()],
    }


def strategy(sources: Sources, wanted: StrategyId) -> StrategyAnswer:
    """The document, and what decisions are made by now for each symbol. Raises DocumentMissing."""
    document = stored(sources, wanted)
    params = sources.params.current()
    in_force = params.strategies.get(wanted)
    return {
        "time_ms": sources.clock.now_ms(),
        **_summary(document, params),
        "document": read_json(document.text),
        "in_force": None if in_force is None else strategy_settings(in_force),
    }


def stored(sources: Sources, wanted: StrategyId) -> Document:
    """Raises DocumentMissing, which says how a strategy comes to be: nothing ever creates one in passing."""
    document = sources.documents.strategy(wanted)
    if document is None:
        known = ", ".join(found.name for found in sources.documents.strategies()) or "none"
        raise DocumentMissing(
            f"there is no strategy {wanted}; there are: {known}. Create one with `undertow strategy apply FILE`, "
            "or on the page"
        )
    return document


def checked(sources: Sources, document: CheckedDocument) -> ValidStrategy:
    """A document that could be stored. Nothing was."""
    present = sources.documents.strategy(StrategyId(document.name))
    return {
        "id": document.name,
        "valid": True,
        "flaws": [],
        "warnings": [*document.warnings, *_unlisted(sources, document)],
        "stored_version": 0 if present is None else present.version,
        "changes_anything": present is None or present.text != document.text,
        "document": read_json(document.text),
    }


def _unlisted(sources: Sources, document: CheckedDocument) -> Iterator[str]:
    """Says nothing while the venue's instruments were not imported yet."""
    fields = read_object(document.text)
    account = sources.params.current().globals.accounts.get(AccountId(str(fields["account"])))
    known = {one.symbol for one in sources.kept.instruments.all(account.venue)} if account is not None else set()
    symbols = fields["symbols"]
    for symbol in symbols if known and isinstance(symbols, Mapping) else ():
        if symbol not in known:
            yield f"{symbol} is not traded at the venue"


def synced(sources: Sources, only: StrategyId | None) -> Synced:
    """Read the parameters anew, now, and tell who sees what. Nothing is created: raises DocumentMissing."""
    now_ms = sources.clock.now_ms()
    wanted = [stored(sources, only)] if only is not None else list(sources.documents.strategies())
    params = sources.params.refreshed()
    globals_ = sources.documents.globals()
    return {
        "time_ms": now_ms,
        "globals": {"stored_version": 0 if globals_ is None else globals_.version, "seen": params.globals.version},
        "everywhere_by_ms": now_ms + CACHED_MS,
        "note": "this API reads again at once; every other function reads again when its copy is 30 s old",
        "strategies": [_sync_row(sources, document, params, now_ms) for document in wanted],
    }


def _sync_row(sources: Sources, document: Document, params: Parameters, now_ms: int) -> SyncedStrategy:
    in_force = params.strategies.get(StrategyId(document.name))
    account = params.globals.accounts.get(in_force.account) if in_force is not None else None
    return {
        "id": document.name,
        "stored_version": document.version,
        "seen": None if in_force is None else in_force.version,
        "in_step": in_force is not None and in_force.version == str(document.version),
        "symbols": sorted(str(symbol) for symbol in in_force.symbols) if in_force is not None else [],
        "last_decision": None if account is None else _last_decision(sources, account, document.name, now_ms),
    }


def _last_decision(sources: Sources, account: Account, name: str, now_ms: int) -> LastDecision | None:
    """By which version the functions that trade really decided last: the proof that a change has arrived."""
    recent = sources.kept.decisions.recent(account.id, now_ms - _LAST_DECISION_MS, now_ms, _LOOKED_THROUGH)
    for decision in recent:
        if decision.strategy == name:
            return {"params_version": decision.params_version, "decided_at_ms": decision.decided_at_ms}
    return None


def _summary(document: Document, params: Parameters) -> StrategySummary:
    fields = read_object(document.text)
    symbols = fields["symbols"]
    account = params.globals.accounts.get(AccountId(str(fields["account"])))
    in_force = params.strategies.get(StrategyId(document.name))
    return {
        "id": document.name,
        "kind": str(fields["kind"]),
        "account": str(fields["account"]),
        "mode": None if account is None else account.mode,
        "enabled": fields["enabled"] is True,
        "version": document.version,
        "symbols": sorted(symbols) if isinstance(symbols, Mapping) else [],
        "version_in_force": None if in_force is None else in_force.version,
    }
