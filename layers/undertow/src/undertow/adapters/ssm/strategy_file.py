"""A strategy as a file: from JSON text to checked settings and on to what the strategy decides by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from undertow import ports
from undertow.adapters.ssm.documents import StrategyFile
from undertow.adapters.ssm.entry_settings import EntrySettings, Header
from undertow.adapters.ssm.fields import as_json, exact, is_exact
from undertow.adapters.ssm.flaws import flaws_in, shown, validated
from undertow.adapters.ssm.kinds import KINDS, Kind
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.json_text import Json, NotJson, read_object, write_json
from undertow.domain.numbers import plain
from undertow.ports import BadDocument, Flaw, Globals

Settings = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Strategy:
    """A checked strategy: what was given, and the settings of each symbol that follow from it.

    ``notes`` tell what was filled in that the file did not say.
    """

    id: StrategyId
    kind: str
    account: AccountId
    enabled: bool
    base: Settings
    given: Mapping[Symbol, Settings]
    effective: Mapping[Symbol, EntrySettings]
    notes: tuple[str, ...]

    @property
    def text(self) -> str:
        """Canonical JSON: fields in a fixed order, money as texts, only what was given."""
        return write_json(
            {
                "id": self.id,
                "kind": self.kind,
                "account": self.account,
                "enabled": self.enabled,
                "base": self.base,
                "symbols": dict[str, Json](self.given.items()),
            }
        )


def parse(text: str) -> Strategy:
    """Read a strategy file. Raises BadDocument with every flaw in it."""
    try:
        return check(read_object(text))
    except NotJson as error:
        raise BadDocument([Flaw("document", str(error), "a JSON object")]) from error


def check(value: Json) -> Strategy:
    kind = _kind(value)
    completed, notes = (value, ()) if kind is None else _with_twins(value, kind)
    flaws = tuple(dict.fromkeys(_flaws(completed, kind)))
    if flaws or kind is None:
        raise BadDocument(flaws)
    file = validated(StrategyFile, completed)
    symbols = {Symbol(name): own for name, own in sorted(file.symbols.items())}
    return Strategy(
        id=StrategyId(file.id),
        kind=file.kind,
        account=AccountId(file.account),
        enabled=file.enabled,
        base=_canonical(file.base, kind),
        given={symbol: _canonical(own, kind) for symbol, own in symbols.items()},
        effective={symbol: kind.settings.model_validate({**file.base, **own}) for symbol, own in symbols.items()},
        notes=notes,
    )


def _kind(value: Json) -> Kind[Any] | None:
    """None where the file does not say, or says something else: that is a flaw of the file itself."""
    name = value.get("kind") if isinstance(value, Mapping) else None
    return KINDS.get(name) if isinstance(name, str) else None


# --- settings that were one in older systems ------------------------------------------------------------------------


def _with_twins(value: Json, kind: Kind[Any]) -> tuple[Json, tuple[str, ...]]:
    """The file with the missing one of two twins beside the given one, where only one is given."""
    if not isinstance(value, Mapping) or kind.twins is None:
        return value, ()
    base, symbols, notes = value.get("base"), value.get("symbols"), []
    if not isinstance(base, Mapping) or not isinstance(symbols, Mapping):
        return value, ()
    base, note = _completed(base, {}, kind.twins)
    notes += [f"base: {note}"] if note else []
    completed: dict[str, Json] = {}
    for symbol, own in symbols.items():
        completed[symbol], note = _completed(own, base, kind.twins) if isinstance(own, Mapping) else (own, "")
        notes += [f"{symbol}: {note}"] if note else []
    return {**value, "base": base, "symbols": completed}, tuple(notes)


def _completed(own: Settings, base: Settings, twins: tuple[str, str]) -> tuple[Settings, str]:
    known = base.keys() | own.keys()
    present, missing = twins if twins[0] in known else (twins[1], twins[0])
    if present not in known or missing in known:
        return own, ""
    note = f"{missing} is not given and takes the value of {present}: older files have one setting for both"
    return {**own, missing: own[present]}, note


# --- checks ---------------------------------------------------------------------------------------------------------


def _flaws(value: Json, kind: Kind[Any] | None) -> Iterator[Flaw]:
    """Flaws of the file's own fields, and of the settings as far as they can be looked at."""
    yield from (flaw for _, flaw in flaws_in(StrategyFile, value))
    base, symbols = (value.get("base"), value.get("symbols")) if isinstance(value, Mapping) else (None, None)
    if kind is not None and isinstance(base, Mapping) and isinstance(symbols, Mapping):
        yield from _settings_flaws(kind, base, {name: own for name, own in symbols.items() if isinstance(own, Mapping)})


def _settings_flaws(kind: Kind[Any], base: Settings, symbols: Mapping[str, Settings]) -> Iterator[Flaw]:
    """A flaw belongs to the symbol that gives the field, else to the base. What is missing is missing per symbol."""
    for sort, flaw in flaws_in(kind.settings, base):
        if sort != "missing":
            yield _under("base", flaw)
    for symbol, own in symbols.items():
        merged = {**base, **own}
        found = list(flaws_in(kind.settings, merged))
        for sort, flaw in found:
            if sort == "missing":
                yield Flaw(f"symbols.{symbol}.{flaw.field}", "it is missing here and in the base", flaw.allowed)
            elif flaw.field.split(".")[0] in own:
                yield _under(f"symbols.{symbol}", flaw)
        if not found:
            for conflict in kind.conflicts(kind.settings.model_validate(merged)):
                place = f"symbols.{symbol}" if conflict.fields & own.keys() else "base"
                yield Flaw(f"{place}.{conflict.field}", shown(conflict.value), conflict.allowed)


def _under(place: str, flaw: Flaw) -> Flaw:
    return Flaw(f"{place}.{flaw.field}", flaw.value, flaw.allowed)


def _canonical(given: Mapping[str, object], kind: Kind[Any]) -> Settings:
    """The given fields in the order of the model, figures as plain texts."""
    return {name: _as_stored(field, given[name]) for name, field in kind.settings.model_fields.items() if name in given}


def _as_stored(field: FieldInfo, value: object) -> Json:
    return plain(exact(value)) if is_exact(field) and value is not None else as_json(value)


# --- what follows from it -------------------------------------------------------------------------------------------


def to_domain(strategy: Strategy, version: int, simulate_only: bool) -> ports.Strategy:
    header = Header(strategy.id, strategy.account, strategy.enabled, str(version), simulate_only)
    return KINDS[strategy.kind].strategy(header, strategy.effective)


def warnings(strategy: Strategy, globals_: Globals) -> Iterator[str]:
    """What is admissible and yet probably not meant."""
    account, limits = globals_.accounts[strategy.account], globals_.limits[strategy.account]
    yield from strategy.notes
    if not strategy.effective:
        yield "it has no symbols, so it trades nothing"
    told: dict[str, list[Symbol]] = {}
    for symbol, settings in strategy.effective.items():
        for line in KINDS[strategy.kind].warnings(symbol, settings, account, limits):
            told.setdefault(line, []).append(symbol)
    for line, symbols in told.items():
        yield f"{_named(symbols)}: {line}"


def _named(symbols: list[Symbol]) -> str:
    """Twenty symbols of one base have the same doubt: it is told once."""
    return ", ".join(symbols) if len(symbols) <= 3 else f"{symbols[0]} and {len(symbols) - 1} more"
