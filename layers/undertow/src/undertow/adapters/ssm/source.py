"""The parameters that decisions are made by: cached, and never replaced by something that cannot be read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from undertow.adapters.ssm import globals_file, strategy_file
from undertow.adapters.ssm.documents import GlobalsFile
from undertow.adapters.ssm.layout import Paths, assemble, read_manifest
from undertow.adapters.ssm.parameters import Pin, ReadableParameters, Stored
from undertow.domain.ids import StrategyId
from undertow.ports import (
    AlertLevel,
    BadDocument,
    Clock,
    DocumentsUnavailable,
    NoParameters,
    Notifier,
    Parameters,
    ParametersUnread,
    Strategy,
)

CACHED_MS: Final = 30_000

_VERSIONS_BACK: Final = 10


@dataclass(frozen=True, slots=True)
class _Known:
    """A strategy with the stored text and the switch it was made from."""

    manifest: str
    simulate_only: bool
    strategy: Strategy


@dataclass(slots=True)
class SsmParamsSource:
    parameters: ReadableParameters
    paths: Paths
    clock: Clock
    notifier: Notifier
    _held: Parameters | None = None
    _globals: tuple[int, GlobalsFile] | None = None
    _known: dict[StrategyId, _Known] = field(default_factory=dict)
    _tried_at_ms: int = 0
    _told: set[str] = field(default_factory=set)
    _telling: set[str] = field(default_factory=set)

    def current(self) -> Parameters:
        now_ms = self.clock.now_ms()
        if self._held is None:
            self._held = self._read_first(now_ms)
            self._tried_at_ms = now_ms
        elif now_ms - self._tried_at_ms >= CACHED_MS:
            self._tried_at_ms = now_ms
            self._held = self._read_again(self._held, now_ms)
        return self._held

    def refreshed(self) -> Parameters:
        self._tried_at_ms = self.clock.now_ms() - CACHED_MS
        return self.current()

    def _read_first(self, now_ms: int) -> Parameters:
        try:
            return self._read(now_ms)
        except DocumentsUnavailable as error:
            raise ParametersUnread(f"the parameters could not be read even once: {error}") from error

    def _read_again(self, held: Parameters, now_ms: int) -> Parameters:
        """What is held grows older until the store answers: entries stop by its age, protection goes on."""
        try:
            return self._read(now_ms)
        except (DocumentsUnavailable, NoParameters) as error:
            self._alert("parameters_unreachable", "the parameters cannot be read, the last ones stay in force", error)
            return held

    def _read(self, now_ms: int) -> Parameters:
        self._telling = set()
        stored = self.parameters.read(self.paths.globals)
        if stored is None:
            raise NoParameters("no globals were ever stored")
        version, file = self._globals = self._good_globals(stored)
        current = globals_file.to_domain(file, version)
        found = {
            known.strategy.id: known
            for manifest in self.parameters.below(self.paths.strategies)
            for known in self._good_strategy(manifest, file.simulate_only)
        }
        self._known = found
        housed = {name: known.strategy for name, known in found.items() if known.strategy.account in current.accounts}
        for name in found.keys() - housed.keys():
            self._alert(f"strategy_without_account:{name}", f"strategy {name} trades on an account that is not there")
        self._tell_what_is_over()
        return Parameters(current, housed, read_at_ms=now_ms)

    def _good_globals(self, stored: Stored) -> tuple[int, GlobalsFile]:
        """The stored globals, else the last good ones, from memory or from the versions that the store keeps."""
        if self._globals is not None and self._globals[0] == stored.version:
            return self._globals
        try:
            return stored.version, globals_file.parse(stored.value)
        except BadDocument as error:
            self._alert("bad_globals", "the globals are not admissible, the last good ones stay in force", error)
        if self._globals is not None:
            return self._globals
        for found in self._earlier(stored):
            return found
        raise NoParameters("neither the stored globals nor earlier versions are admissible")

    def _earlier(self, stored: Stored) -> Iterator[tuple[int, GlobalsFile]]:
        first = max(1, stored.version - _VERSIONS_BACK)
        pins = [Pin(stored.name, version) for version in range(stored.version - 1, first - 1, -1)]
        for pin in pins:
            texts = self.parameters.pinned([pin])
            try:
                yield pin.version, globals_file.parse(texts[pin])
            except (BadDocument, KeyError):  # not admissible either, or no longer kept: look further back
                continue

    def _good_strategy(self, stored: Stored, simulate_only: bool) -> Iterator[_Known]:
        """The stored strategy, else the last good one, else nothing: what cannot be read is not traded."""
        name = StrategyId(stored.name.rsplit("/", 1)[1])
        last = self._known.get(name)
        if last is not None and (last.manifest, last.simulate_only) == (stored.value, simulate_only):
            yield last
            return
        try:
            manifest = read_manifest(stored)
            if manifest.removed:
                return
            texts = self.parameters.pinned(manifest.pins(self.paths))
            strategy = strategy_file.to_domain(assemble(manifest, texts, self.paths), manifest.version, simulate_only)
        except BadDocument as error:
            kept = "the last good one stays in force" if last is not None else "it is not traded"
            self._alert(f"bad_strategy:{name}", f"strategy {name} is not admissible, {kept}", error)
            if last is not None:
                yield last
            return
        yield _Known(stored.value, simulate_only, strategy)

    def _tell_what_is_over(self) -> None:
        """Everything was read to its end: what was told of before and not this time is in order again."""
        for key in sorted(self._told - self._telling):
            self.notifier.resolved(key, "the parameters could be read and used again")
        self._told = self._telling

    def _alert(self, key: str, message: str, error: Exception | None = None) -> None:
        self._told.add(key)
        self._telling.add(key)
        self.notifier.alert(AlertLevel.HIGH, key, message, {} if error is None else {"error": str(error)})
