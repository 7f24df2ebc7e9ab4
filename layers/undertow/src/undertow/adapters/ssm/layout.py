"""Where documents lie below the stage's path, and how a strategy's parts are held together.

``globals``                      the globals
``strategies/{id}``              which version of which part is in force
``strategies/{id}/base``         what holds for every symbol
``strategies/{id}/symbols/{S}``  a symbol's own settings; a symbol without any has no such parameter

The parts are written first; the change takes effect with the one write of ``strategies/{id}``. Nothing is deleted: the
versions that an earlier state referred to stay readable.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from undertow.adapters.ssm.parameters import Pin, Stored
from undertow.adapters.ssm.strategy_file import Settings, Strategy, check
from undertow.domain.ids import StrategyId, Symbol
from undertow.domain.json_text import Json, NotJson, read_object, write_json
from undertow.ports import BadDocument, Flaw


def parameter_name(symbol: Symbol) -> str:
    """``symbol`` in the letters a parameter name admits: every other byte as a hyphen and two hexadecimal digits."""
    return "".join(
        chr(byte) if (byte < 128 and chr(byte).isalnum()) or byte == ord("_") else f"-{byte:02x}"
        for byte in symbol.encode()
    )


@dataclass(frozen=True, slots=True)
class Paths:
    """``prefix`` is the stage's path, for example ``/undertow/paper``."""

    prefix: str

    @property
    def globals(self) -> str:
        return f"{self.prefix}/globals"

    @property
    def strategies(self) -> str:
        return f"{self.prefix}/strategies"

    def strategy(self, strategy: StrategyId) -> str:
        return f"{self.strategies}/{strategy}"

    def base(self, strategy: StrategyId) -> str:
        return f"{self.strategies}/{strategy}/base"

    def symbol(self, strategy: StrategyId, symbol: Symbol) -> str:
        return f"{self.strategies}/{strategy}/symbols/{parameter_name(symbol)}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which parts of a strategy are in force. A symbol at version zero has no settings of its own."""

    strategy: StrategyId
    version: int
    removed: bool
    base: int
    symbols: Mapping[Symbol, int]

    @property
    def text(self) -> str:
        return write_json(
            {
                "version": self.version,
                "removed": self.removed,
                "base": self.base,
                "symbols": dict[str, Json](self.symbols.items()),
            }
        )

    def pins(self, paths: Paths) -> list[Pin]:
        own = [Pin(paths.symbol(self.strategy, symbol), version) for symbol, version in self.symbols.items() if version]
        return [Pin(paths.base(self.strategy), self.base), *own]


def read_manifest(stored: Stored) -> Manifest:
    """Raises BadDocument when somebody else wrote it."""
    strategy = StrategyId(stored.name.rsplit("/", 1)[1])
    try:
        fields = read_object(stored.value)
    except NotJson as error:
        raise _foreign(strategy, str(error)) from error
    version, removed, base, symbols = (fields.get(name) for name in ("version", "removed", "base", "symbols"))
    if not (isinstance(version, int) and isinstance(removed, bool) and isinstance(base, int)):
        raise _foreign(strategy, "it has no version")
    if not isinstance(symbols, Mapping):
        raise _foreign(strategy, "it has no symbols")
    numbers = {Symbol(symbol): number for symbol, number in symbols.items() if isinstance(number, int)}
    if len(numbers) != len(symbols):
        raise _foreign(strategy, "a symbol has no version")
    return Manifest(strategy, version, removed, base, numbers)


def _foreign(strategy: StrategyId, what: str) -> BadDocument:
    return BadDocument([Flaw(f"strategies.{strategy}", f"it was not written by this program: {what}", "")])


def assemble(manifest: Manifest, texts: Mapping[Pin, str], paths: Paths) -> Strategy:
    """The strategy from its parts. Raises BadDocument when a part is missing or no longer admissible."""
    base = _part(Pin(paths.base(manifest.strategy), manifest.base), texts)
    own: dict[str, Json] = {
        symbol: _part(Pin(paths.symbol(manifest.strategy, symbol), version), texts) if version else {}
        for symbol, version in manifest.symbols.items()
    }
    document: dict[str, Json] = {"id": manifest.strategy, **base, "symbols": own}
    return check(document)


def _part(pin: Pin, texts: Mapping[Pin, str]) -> Mapping[str, Json]:
    if pin not in texts:
        raise BadDocument([Flaw(pin.name, f"version {pin.version} is not there", "")])
    try:
        return read_object(texts[pin])
    except NotJson as error:
        raise BadDocument([Flaw(pin.name, str(error), "a JSON object")]) from error


def base_text(strategy: Strategy) -> str:
    return write_json(
        {"kind": strategy.kind, "account": strategy.account, "enabled": strategy.enabled, "base": strategy.base}
    )


def symbol_text(settings: Settings) -> str:
    return write_json(settings)
