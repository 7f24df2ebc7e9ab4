"""Change parameters on somebody's behalf. What was there before is on record before it is changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from undertow.domain.ids import StrategyId, Symbol
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


@dataclass(frozen=True, slots=True)
class Changed:
    document: Document
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Configure:
    """``expected`` is always the version that the person has seen; zero for a document that is not there yet."""

    documents: Documents
    instruments: Instruments
    audit: Audit
    clock: Clock

    def set_globals(self, text: str, expected: int, by: str) -> Changed:
        """Raises BadDocument and DocumentMoved; nothing is changed then."""
        checked = self.documents.check_globals(text)
        self._record(by, "globals:set", checked, self.documents.globals(), expected)
        return Changed(self.documents.store_globals(text, expected), checked.warnings)

    def apply(self, text: str, expected: int, by: str) -> Changed:
        """Store a strategy, a new one if ``expected`` is zero. Raises BadDocument and DocumentMoved."""
        checked = self.documents.check_strategy(text)
        before = self.documents.strategy(StrategyId(checked.name))
        self._record(by, "strategy:apply", checked, before, expected)
        stored = self.documents.store_strategy(checked.text, expected)
        return Changed(stored, (*checked.warnings, *self._unknown_symbols(checked.text)))

    def remove(self, strategy: StrategyId, expected: int, by: str) -> Document:
        """Take a strategy out. Its full content goes on record first. Raises DocumentMissing and DocumentMoved."""
        before = self._strategy(strategy)
        self._record(by, "strategy:remove", CheckedDocument(strategy, "", ()), before, expected)
        return self.documents.remove_strategy(strategy, expected)

    def set_base(self, strategy: StrategyId, base: Mapping[str, Json], expected: int, by: str) -> Changed:
        fields = dict(read_object(self._strategy(strategy).text))
        return self.apply(write_json({**fields, "base": base}), expected, by)

    def set_symbol(
        self, strategy: StrategyId, symbol: Symbol, settings: Mapping[str, Json], expected: int, by: str
    ) -> Changed:
        """Replace a symbol's own settings; what they do not say comes from the base."""
        fields, symbols = self._symbols(strategy)
        if symbol not in symbols:
            raise DocumentMissing(f"strategy {strategy} does not trade {symbol}: add the symbol first")
        return self.apply(write_json({**fields, "symbols": {**symbols, symbol: settings}}), expected, by)

    def add_symbol(
        self, strategy: StrategyId, symbol: Symbol, settings: Mapping[str, Json], expected: int, by: str
    ) -> Changed:
        fields, symbols = self._symbols(strategy)
        if symbol in symbols:
            raise BadDocument([Flaw("symbol", f'"{symbol}"', "a symbol that the strategy does not trade yet")])
        unknown = self._unknown(symbol)
        if unknown is not None:
            raise BadDocument([unknown])
        return self.apply(write_json({**fields, "symbols": {**symbols, symbol: settings}}), expected, by)

    def remove_symbol(self, strategy: StrategyId, symbol: Symbol, expected: int, by: str) -> Changed:
        """Open positions of the symbol stay managed and protected; no new one is opened."""
        fields, symbols = self._symbols(strategy)
        if symbol not in symbols:
            raise DocumentMissing(f"strategy {strategy} does not trade {symbol}")
        left = {name: own for name, own in symbols.items() if name != symbol}
        return self.apply(write_json({**fields, "symbols": left}), expected, by)

    def _strategy(self, strategy: StrategyId) -> Document:
        found = self.documents.strategy(strategy)
        if found is None:
            raise DocumentMissing(f"there is no strategy {strategy}: create one with `undertow strategy apply FILE`")
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

    def _record(self, by: str, action: str, checked: CheckedDocument, before: Document | None, expected: int) -> None:
        stored = 0 if before is None else before.version
        if stored != expected:
            raise DocumentMoved(checked.name, expected, stored)
        self.audit.append(
            AuditRow(
                time_ms=self.clock.now_ms(),
                by=by,
                action=action,
                subject=checked.name,
                before="" if before is None else before.text,
                after=checked.text,
            )
        )
