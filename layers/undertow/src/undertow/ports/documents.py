"""Globals and strategies as people edit them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from undertow.domain.ids import StrategyId
from undertow.domain.json_text import Json
from undertow.ports.parameters import Strategy


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with a document. ``field`` is its path; ``allowed`` says what would be right."""

    field: str
    value: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.field}: {self.value}; allowed: {self.allowed}" if self.allowed else f"{self.field}: {self.value}"


class BadDocument(Exception):
    """A document was refused and nothing was changed. Holds every flaw found, not only the first."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__("; ".join(str(flaw) for flaw in flaws))
        self.flaws = tuple(flaws)


class DocumentMissing(Exception):
    """There is no such document, and nothing creates one but an explicit ``apply``."""


class DocumentMoved(Exception):
    """Somebody else changed the document meanwhile: look at it again before changing it."""

    def __init__(self, name: str, expected: int, stored: int) -> None:
        super().__init__(f"{name} is at version {stored}, not {expected}: somebody changed it meanwhile")
        self.stored = stored


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document as JSON text, in canonical form. ``version`` counts from 1."""

    name: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document that could be stored: its canonical text, what is unwise about it, and what it would do."""

    name: str
    text: str
    warnings: tuple[str, ...]


class Documents(Protocol):
    """Globals and strategies as people edit them. Every write is checked as a whole before anything is stored.

    ``expected`` is the version that the writer has seen; zero means that there was none. All methods may raise
    DocumentsUnavailable.
    """

    def globals(self) -> Document | None: ...

    def strategies(self) -> Sequence[Document]:
        """By name. Removed strategies are not among them."""
        ...

    def strategy(self, strategy: StrategyId) -> Document | None: ...

    def latest_version(self, strategy: StrategyId) -> int:
        """Of a removed strategy too: versions go on when it comes back. Zero when there never was one."""
        ...

    def check_globals(self, text: str) -> CheckedDocument:
        """Raises BadDocument."""
        ...

    def check_strategy(self, text: str) -> CheckedDocument:
        """Raises BadDocument, also when the account it names is not in the globals."""
        ...

    def globals_in_effect(self, text: str) -> Mapping[str, Json]:
        """Every setting of the document, defaults filled in. Raises BadDocument."""
        ...

    def strategy_in_effect(self, text: str) -> Mapping[str, Json]:
        """``account``, ``enabled`` and ``symbols``, each symbol with all of its settings. Raises BadDocument."""
        ...

    def drafted(self, text: str) -> Strategy:
        """What the document would decide by. Nothing is stored, and a draft sends nothing: it only ever simulates.

        Its version is empty. Raises BadDocument.
        """
        ...

    def store_globals(self, text: str, expected: int) -> Document:
        """Raises BadDocument and DocumentMoved."""
        ...

    def store_strategy(self, text: str, expected: int) -> Document:
        """Raises BadDocument and DocumentMoved."""
        ...

    def remove_strategy(self, strategy: StrategyId, expected: int) -> Document:
        """Archive it and return what was removed. Raises DocumentMissing and DocumentMoved."""
        ...


class DocumentsUnavailable(Exception):
    """The parameter store could not be reached, or refused: nothing is known about what it holds."""
