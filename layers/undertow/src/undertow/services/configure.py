"""Change parameters on somebody's behalf. What was there before is on record before it is changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.json_text import Json, read_object, write_json
from undertow.domain.market import Venue
from undertow.ports import (
    Audit,
    AuditRow,
    BadDocument,
    CheckedDocument,
    Clock,
    Document,
    DocumentMissing,
    DocumentMoved,
    Documents,
    Flaw,
    Instruments,
)
from undertow.risk.increases import Increase, globals_increases, strategy_increases
from undertow.services.sessions import TradeSessions
from undertow.services.strategy_changes import StrategyChange, changes_on_record


@dataclass(frozen=True, slots=True)
class Changed:
    document: Document
    warnings: tuple[str, ...]


class RiskGrows(Exception):
    """More could be lost after the change, and the person did not confirm that. Nothing was changed."""

    def __init__(self, increases: Sequence[Increase]) -> None:
        grown = "; ".join(f"{one.field} from {one.before} to {one.after}" for one in increases)
        super().__init__(f"more could be lost: {grown}")
        self.increases = tuple(increases)


@dataclass(frozen=True, slots=True)
class Configure:
    """``expected`` is always the version that the person has seen; zero for a document that is not there yet.

    ``confirmed`` is False where the person has to say so before risk grows: on the page, where a click is quickly made.
    Who types a command has said it.
    """

    documents: Documents
    instruments: Instruments
    audit: Audit
    clock: Clock
    sessions: TradeSessions

    def set_globals(self, text: str, expected: int, by: str, *, confirmed: bool = True) -> Changed:
        """Raises BadDocument, DocumentMoved and RiskGrows; nothing is changed then."""
        checked = self.documents.check_globals(text)
        before = self.documents.globals()
        _expect(checked.name, expected, before)
        if not confirmed:
            self._ask_of_globals(checked, before)
        self._record(by, "globals:set", checked, before, expected + 1)
        return Changed(self.documents.store_globals(text, expected), checked.warnings)

    def apply(self, text: str, expected: int, by: str, *, confirmed: bool = True) -> Changed:
        """Store a strategy, a new one if ``expected`` is zero. Raises BadDocument, DocumentMoved and RiskGrows."""
        return self._apply(text, expected, by, "strategy:apply", confirmed)

    def _apply(self, text: str, expected: int, by: str, action: str, confirmed: bool) -> Changed:
        checked = self.documents.check_strategy(text)
        strategy = StrategyId(checked.name)
        before = self.documents.strategy(strategy)
        _expect(checked.name, expected, before)
        if not confirmed:
            self._ask_of_strategy(checked, before)
        self._record(by, action, checked, before, self.documents.latest_version(strategy) + 1)
        # Before it is stored, so that no strategy ever trades outside a session.
        self.sessions.ensure_open(AccountId(str(read_object(checked.text)["account"])), strategy, by)
        stored = self.documents.store_strategy(checked.text, expected)
        return Changed(stored, (*checked.warnings, *self._unknown_symbols(checked.text)))

    def remove(self, strategy: StrategyId, expected: int, by: str) -> Document:
        """Take a strategy out. Its full content goes on record first. Raises DocumentMissing and DocumentMoved."""
        before = self._strategy(strategy)
        _expect(strategy, expected, before)
        self._record(by, "strategy:remove", CheckedDocument(strategy, "", ()), before, expected + 1)
        return self.documents.remove_strategy(strategy, expected)

    def changes(self, strategy: StrategyId) -> Sequence[StrategyChange]:
        """Newest first, of a removed strategy too. Raises DocumentMissing when there never was one."""
        latest = self.documents.latest_version(strategy)
        if latest == 0:
            raise _missing(strategy)
        present = self.documents.strategy(strategy)
        text = "" if present is None else present.text
        return changes_on_record(self.audit, strategy, latest, text, self.clock.now_ms())

    def restore(self, strategy: StrategyId, version: int, expected: int, by: str, *, confirmed: bool = True) -> Changed:
        """Apply an earlier version again, as a new one, under today's checks; ``expected`` is zero for a removed one.

        Raises DocumentMissing when nothing of that version is on record, BadDocument, DocumentMoved and RiskGrows.
        """
        found = next((change for change in self.changes(strategy) if change.version == version), None)
        if found is None:
            raise DocumentMissing(f"no version {version} of strategy {strategy} is on record")
        if not found.after:
            raise DocumentMissing(f"version {version} of strategy {strategy} is its removal: restore an earlier one")
        return self._apply(found.after, expected, by, "strategy:restore", confirmed)

    def set_base(
        self, strategy: StrategyId, base: Mapping[str, Json], expected: int, by: str, *, confirmed: bool = True
    ) -> Changed:
        fields = dict(read_object(self._strategy(strategy).text))
        return self.apply(write_json({**fields, "base": base}), expected, by, confirmed=confirmed)

    def set_symbol(
        self,
        strategy: StrategyId,
        symbol: Symbol,
        settings: Mapping[str, Json],
        expected: int,
        by: str,
        *,
        confirmed: bool = True,
    ) -> Changed:
        """Replace a symbol's own settings; what they do not say comes from the base."""
        fields, symbols = self._symbols(strategy)
        if symbol not in symbols:
            raise DocumentMissing(f"strategy {strategy} does not trade {symbol}: add the symbol first")
        changed = write_json({**fields, "symbols": {**symbols, symbol: settings}})
        return self.apply(changed, expected, by, confirmed=confirmed)

    def add_symbol(
        self,
        strategy: StrategyId,
        symbol: Symbol,
        settings: Mapping[str, Json],
        expected: int,
        by: str,
        *,
        confirmed: bool = True,
    ) -> Changed:
        fields, symbols = self._symbols(strategy)
        if symbol in symbols:
            raise BadDocument([Flaw("symbol", f'"{symbol}"', "a symbol that the strategy does not trade yet")])
        unknown = self._unknown(symbol)
        if unknown is not None:
            raise BadDocument([unknown])
        changed = write_json({**fields, "symbols": {**symbols, symbol: settings}})
        return self.apply(changed, expected, by, confirmed=confirmed)

    def remove_symbol(self, strategy: StrategyId, symbol: Symbol, expected: int, by: str) -> Changed:
        """Open positions of the symbol stay managed and protected; no new one is opened."""
        fields, symbols = self._symbols(strategy)
        if symbol not in symbols:
            raise DocumentMissing(f"strategy {strategy} does not trade {symbol}")
        left = {name: own for name, own in symbols.items() if name != symbol}
        return self.apply(write_json({**fields, "symbols": left}), expected, by)

    def _ask_of_globals(self, checked: CheckedDocument, before: Document | None) -> None:
        after = self.documents.globals_in_effect(checked.text)
        _refuse_growth(globals_increases(_known(before, self.documents.globals_in_effect), after))

    def _ask_of_strategy(self, checked: CheckedDocument, before: Document | None) -> None:
        after = self.documents.strategy_in_effect(checked.text)
        _refuse_growth(strategy_increases(_known(before, self.documents.strategy_in_effect), after))

    def _strategy(self, strategy: StrategyId) -> Document:
        found = self.documents.strategy(strategy)
        if found is None:
            raise _missing(strategy)
        return found

    def _symbols(self, strategy: StrategyId) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
        fields = read_object(self._strategy(strategy).text)
        symbols = fields["symbols"]
        if not isinstance(symbols, Mapping):
            raise TypeError("a stored strategy has its symbols in an object")
        return fields, symbols

    def _unknown_symbols(self, text: str) -> tuple[str, ...]:
        symbols = read_object(text)["symbols"]
        names = symbols if isinstance(symbols, Mapping) else {}
        flaws = (self._unknown(Symbol(name)) for name in names)
        return tuple(f"{flaw.value} is not traded at the venue; {flaw.allowed}" for flaw in flaws if flaw is not None)

    def _unknown(self, symbol: Symbol) -> Flaw | None:
        """Says nothing while the venue's instruments were not imported yet."""
        known = {instrument.symbol for instrument in self.instruments.all(Venue.ASTER)}
        if not known or symbol in known:
            return None
        near = get_close_matches(symbol, known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "a symbol of the venue"
        return Flaw("symbol", f'"{symbol}"', hint)

    def _record(self, by: str, action: str, checked: CheckedDocument, before: Document | None, version: int) -> None:
        """``version`` is what the change is going to be stored as."""
        self.audit.append(
            AuditRow(
                time_ms=self.clock.now_ms(),
                by=by,
                action=action,
                subject=checked.name,
                before="" if before is None else before.text,
                after=checked.text,
                version=version,
            )
        )


def _known(before: Document | None, in_effect: Callable[[str], Mapping[str, Json]]) -> Mapping[str, Json] | None:
    """None also for a document that today's checks would refuse: nothing can be said to be as before then."""
    if before is None:
        return None
    try:
        return in_effect(before.text)
    except BadDocument:
        return None


def _refuse_growth(increases: Sequence[Increase]) -> None:
    if increases:
        raise RiskGrows(increases)


def _expect(name: str, expected: int, before: Document | None) -> None:
    stored = 0 if before is None else before.version
    if stored != expected:
        raise DocumentMoved(name, expected, stored)


def _missing(strategy: StrategyId) -> DocumentMissing:
    return DocumentMissing(f"there is no strategy {strategy}: create one with `undertow strategy apply FILE`")
