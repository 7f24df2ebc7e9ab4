"""Documents as people edit them: checked as a whole, stored part by part, in force with one last write."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from undertow import ports
from undertow.adapters.ssm import globals_file, strategy_file
from undertow.adapters.ssm.effective import globals_in_effect, strategy_in_effect
from undertow.adapters.ssm.layout import Manifest, Paths, assemble, base_text, read_manifest, symbol_text
from undertow.adapters.ssm.parameters import MAX_BYTES, Parameters
from undertow.adapters.ssm.strategy_file import Strategy
from undertow.domain.ids import StrategyId, Symbol
from undertow.domain.json_text import Json
from undertow.ports import BadDocument, CheckedDocument, Document, DocumentMissing, DocumentMoved, Flaw, Globals

GLOBALS = "globals"


@dataclass(frozen=True, slots=True)
class SsmDocuments:
    """Two people who write at the same moment are told apart by version, up to the instant between look and write."""

    parameters: Parameters
    paths: Paths
    max_bytes: int = MAX_BYTES

    def globals(self) -> Document | None:
        stored = self.parameters.read(self.paths.globals)
        return None if stored is None else Document(GLOBALS, stored.version, stored.value)

    def strategies(self) -> Sequence[Document]:
        manifests = [read_manifest(stored) for stored in self.parameters.below(self.paths.strategies)]
        living = sorted((found for found in manifests if not found.removed), key=lambda found: found.strategy)
        return [self._document(manifest) for manifest in living]

    def strategy(self, strategy: StrategyId) -> Document | None:
        manifest = self._manifest(strategy)
        return None if manifest is None or manifest.removed else self._document(manifest)

    def latest_version(self, strategy: StrategyId) -> int:
        manifest = self._manifest(strategy)
        return 0 if manifest is None else manifest.version

    def _manifest(self, strategy: StrategyId) -> Manifest | None:
        stored = self.parameters.read(self.paths.strategy(strategy))
        return None if stored is None else read_manifest(stored)

    def _document(self, manifest: Manifest) -> Document:
        texts = self.parameters.pinned(manifest.pins(self.paths))
        return Document(manifest.strategy, manifest.version, assemble(manifest, texts, self.paths).text)

    # --- checks -----------------------------------------------------------------------------------------------------

    def check_globals(self, text: str) -> CheckedDocument:
        file = globals_file.parse(text)
        domain = globals_file.to_domain(file, version=0)
        used = [strategy_file.parse(document.text) for document in self.strategies()]
        homeless = [
            Flaw(f"accounts.{strategy.account}", "it is missing", f"strategy {strategy.id} trades on it")
            for strategy in used
            if strategy.account not in domain.accounts
        ]
        canonical = globals_file.canonical(file)
        flaws = [*homeless, *self._too_large({GLOBALS: canonical})]
        if flaws:
            raise BadDocument(flaws)
        warnings = (f"{one.id}: {line}" for one in used for line in strategy_file.warnings(one, domain))
        return CheckedDocument(GLOBALS, canonical, tuple(warnings))

    def check_strategy(self, text: str) -> CheckedDocument:
        strategy, current = self._checked(text)
        return CheckedDocument(strategy.id, strategy.text, tuple(strategy_file.warnings(strategy, current)))

    def globals_in_effect(self, text: str) -> Mapping[str, Json]:
        return globals_in_effect(text)

    def strategy_in_effect(self, text: str) -> Mapping[str, Json]:
        return strategy_in_effect(text)

    def drafted(self, text: str) -> ports.Strategy:
        strategy, _ = self._checked(text)
        return replace(strategy_file.to_domain(strategy, version=0, simulate_only=True), version="")

    def _checked(self, text: str) -> tuple[Strategy, Globals]:
        strategy = strategy_file.parse(text)
        stored = self.globals()
        if stored is None:
            raise DocumentMissing("there are no globals yet: store them first, they name the accounts")
        current = globals_file.to_domain(globals_file.parse(stored.text), stored.version)
        if strategy.account not in current.accounts:
            known = ", ".join(sorted(current.accounts))
            raise BadDocument([Flaw("account", f'"{strategy.account}"', f"an account of the globals: {known}")])
        parts = {"base": base_text(strategy), **{f"symbols.{name}": text for name, text in _own(strategy).items()}}
        flaws = list(self._too_large(parts))
        if flaws:
            raise BadDocument(flaws)
        return strategy, current

    def _too_large(self, parts: Mapping[str, str]) -> Iterator[Flaw]:
        for name, text in parts.items():
            size = len(text.encode())
            if size > self.max_bytes:
                yield Flaw(name, f"{size} bytes as JSON", f"at most {self.max_bytes} bytes, which one parameter holds")

    # --- changes ----------------------------------------------------------------------------------------------------

    def store_globals(self, text: str, expected: int) -> Document:
        canonical = self.check_globals(text).text
        stored = self.globals()
        _expect(GLOBALS, expected, stored.version if stored else 0)
        if stored is not None and stored.text == canonical:
            return stored
        return Document(GLOBALS, self.parameters.write(self.paths.globals, canonical), canonical)

    def store_strategy(self, text: str, expected: int) -> Document:
        strategy, _ = self._checked(text)
        before = self._manifest(strategy.id)
        _expect(strategy.id, expected, before.version if before and not before.removed else 0)
        planned = self._planned(strategy, before)
        self._check_manifest(planned)
        manifest = self._with_parts_written(strategy, planned)
        self._put_in_force(manifest)
        return Document(strategy.id, manifest.version, strategy.text)

    def _put_in_force(self, manifest: Manifest) -> None:
        """One write, after a last look: the store itself knows no conditional write."""
        now = self._manifest(manifest.strategy)
        _expect(manifest.strategy, manifest.version - 1, now.version if now else 0)
        self.parameters.write(self.paths.strategy(manifest.strategy), manifest.text)

    def _planned(self, strategy: Strategy, before: Manifest | None) -> Manifest:
        """The manifest to come, with the versions of unchanged parts; zero where one is to be written."""
        if before is None:
            return Manifest(strategy.id, 1, removed=False, base=0, symbols=dict.fromkeys(strategy.given, 0))
        texts = self.parameters.pinned(before.pins(self.paths))
        held = {pin.name: (pin.version, text) for pin, text in texts.items()}

        def kept(name: str, text: str) -> int:
            version, stored = held.get(name, (0, ""))
            return version if stored == text else 0

        own = _own(strategy)
        return Manifest(
            strategy.id,
            before.version + 1,
            removed=False,
            base=kept(self.paths.base(strategy.id), base_text(strategy)),
            symbols={
                symbol: kept(self.paths.symbol(strategy.id, symbol), own[symbol]) if symbol in own else 0
                for symbol in strategy.given
            },
        )

    def _check_manifest(self, planned: Manifest) -> None:
        """Version numbers may yet grow by some digits: leave room for them."""
        room = 8 * (len(planned.symbols) + 1)
        size = len(planned.text.encode()) + room
        if size > self.max_bytes:
            raise BadDocument(
                [Flaw("symbols", f"{len(planned.symbols)} symbols", "fewer: the list of symbols is one parameter")]
            )

    def _with_parts_written(self, strategy: Strategy, planned: Manifest) -> Manifest:
        base = planned.base or self.parameters.write(self.paths.base(strategy.id), base_text(strategy))
        own = _own(strategy)
        symbols = {
            symbol: version
            if version or symbol not in own
            else self.parameters.write(self.paths.symbol(strategy.id, symbol), own[symbol])
            for symbol, version in planned.symbols.items()
        }
        return replace(planned, base=base, symbols=symbols)

    def remove_strategy(self, strategy: StrategyId, expected: int) -> Document:
        manifest = self._manifest(strategy)
        if manifest is None or manifest.removed:
            raise DocumentMissing(f"there is no strategy {strategy}")
        _expect(strategy, expected, manifest.version)
        document = self._document(manifest)
        gone = replace(manifest, version=manifest.version + 1, removed=True)
        self._put_in_force(gone)
        return document


def _own(strategy: Strategy) -> Mapping[Symbol, str]:
    """The texts of the symbols that have settings of their own."""
    return {symbol: symbol_text(settings) for symbol, settings in strategy.given.items() if settings}


def _expect(name: str, expected: int, stored: int) -> None:
    if expected != stored:
        raise DocumentMoved(name, expected, stored)
