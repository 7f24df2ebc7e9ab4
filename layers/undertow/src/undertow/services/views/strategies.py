"""Strategies as stored and as in force, and how a change comes into force."""

from collections.abc import Iterator, Mapping
from typing import Final

from undertow.domain.account import Account
from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.json_text import Json, read_json, read_object
from undertow.ports import CheckedDocument, Document, DocumentMissing, Parameters
from undertow.services.views.settings import strategy_settings
from undertow.services.views.sources import Sources

CACHED_MS: Final = 30_000
"""How old the parameters of a running function can be, see ParamsSource."""
_LAST_DECISION_MS: Final = 24 * 3_600_000
_LOOKED_THROUGH: Final = 200


def strategies(sources: Sources) -> dict[str, Json]:
    params = sources.params.current()
    return {
        "time_ms": sources.clock.now_ms(),
        "strategies": [_summary(document, params) for document in sources.documents.strategies()],
    }


def strategy(sources: Sources, wanted: StrategyId) -> dict[str, Json]:
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
            "or with PUT and the header If-Match: 0"
        )
    return document


def checked(sources: Sources, document: CheckedDocument) -> dict[str, Json]:
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


def synced(sources: Sources, only: StrategyId | None) -> dict[str, Json]:
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


def _sync_row(sources: Sources, document: Document, params: Parameters, now_ms: int) -> dict[str, Json]:
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


def _last_decision(sources: Sources, account: Account, name: str, now_ms: int) -> Json:
    """By which version the functions that trade really decided last: the proof that a change has arrived."""
    recent = sources.kept.decisions.recent(account.id, now_ms - _LAST_DECISION_MS, now_ms, _LOOKED_THROUGH)
    for decision in recent:
        if decision.strategy == name:
            return {"params_version": decision.params_version, "decided_at_ms": decision.decided_at_ms}
    return None


def _summary(document: Document, params: Parameters) -> dict[str, Json]:
    fields = read_object(document.text)
    symbols = fields["symbols"]
    account = params.globals.accounts.get(AccountId(str(fields["account"])))
    in_force = params.strategies.get(StrategyId(document.name))
    return {
        "id": document.name,
        "kind": fields["kind"],
        "account": fields["account"],
        "mode": None if account is None else account.mode.value,
        "enabled": fields["enabled"],
        "version": document.version,
        "symbols": sorted(symbols) if isinstance(symbols, Mapping) else [],
        "version_in_force": None if in_force is None else in_force.version,
    }
