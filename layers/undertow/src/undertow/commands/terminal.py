"""The person's end of a command: what is told, what is asked, and how a command fails."""

from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import Protocol

from undertow.ports import AlertLevel, Flaw
from undertow.services.console import Operator


class Exit(IntEnum):
    """Exit codes, so that scripts can tell failures apart."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    NOT_THERE = 4
    CHANGED_MEANWHILE = 5
    INTERRUPTED = 130


class Terminal(Protocol):
    """``interactive`` means that a person can answer; ``user`` goes on record with every change."""

    @property
    def interactive(self) -> bool: ...

    @property
    def user(self) -> str: ...

    def tell(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def ask(self, question: str) -> str: ...

    def ask_secret(self, question: str) -> str:
        """As ``ask``, without showing what is typed."""
        ...

    def read(self) -> str:
        """Everything on standard input."""
        ...


Command = Callable[[Operator, Namespace, Terminal], None]


class CommandFailed(Exception):
    """The command did nothing; the message says why and, where there is one, the way out."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class TerminalNotifier:
    """Alerts for the person who is looking: what a function would report, the command says."""

    terminal: Terminal

    def alert(self, level: AlertLevel, key: str, message: str, facts: Mapping[str, str]) -> None:
        del level, key
        told = "; ".join(f"{name}: {value}" for name, value in facts.items())
        self.terminal.warn(f"warning: {message}" + (f" ({told})" if told else ""))

    def resolved(self, key: str, message: str) -> None:
        """A command lasts for seconds: what ended before or during it is no news to who typed it."""


def file_text(path: str) -> str:
    """The text of a file; ``-`` is standard input in the caller's hands. Raises CommandFailed."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandFailed(Exit.NOT_THERE, f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandFailed(Exit.REFUSED, f"{path} is not UTF-8 text") from error


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, two spaces apart."""
    lines = [tuple(heads), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def flaw_lines(flaws: Iterable[Flaw]) -> str:
    return "\n".join(
        f"  {flaw.field}: {flaw.value}" + (f"\n      allowed: {flaw.allowed}" if flaw.allowed else "") for flaw in flaws
    )


def moment(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def duration(milliseconds: int) -> str:
    seconds = max(0, milliseconds) // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3_600:
        return f"{seconds // 60} min {seconds % 60} s"
    if seconds < 86_400:
        return f"{seconds // 3_600} h {seconds % 3_600 // 60} min"
    return f"{seconds // 86_400} d {seconds % 86_400 // 3_600} h"
