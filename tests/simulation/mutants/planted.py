"""A planted bug: small exact changes of the product's own sources, made in a copy that is found before the original."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
SOURCES: Final = ROOT / "layers/undertow/src"
PACKAGE: Final = SOURCES / "undertow"


@dataclass(frozen=True, slots=True)
class Edit:
    """``old`` stands in the file ``path`` (of the package) exactly once; ``new`` takes its place."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """``breaks`` says in a few words what an owner would lose by it."""

    name: str
    breaks: str
    edits: tuple[Edit, ...]


def one(name: str, breaks: str, path: str, old: str, new: str) -> Mutant:
    """A bug of one edit."""
    return Mutant(name, breaks, (Edit(path, old, new),))


class DoesNotApply(Exception):
    """The sources have moved on: the planted bug must be written anew."""


def changed_texts(mutant: Mutant, package: Path = PACKAGE) -> dict[str, str]:
    """The mutated files by path. Raises DoesNotApply unless every edit is at exactly one place."""
    texts: dict[str, str] = {}
    for edit in mutant.edits:
        text = texts.get(edit.path) or (package / edit.path).read_text()
        times = text.count(edit.old)
        if times != 1:
            raise DoesNotApply(f"{mutant.name}: {edit.path} has {times} places that read {edit.old!r}")
        texts[edit.path] = text.replace(edit.old, edit.new)
    for path, text in texts.items():
        compile(text, path, "exec")
    return texts


def plant(mutant: Mutant, into: Path) -> Path:
    """A copy of the package with the bug, under ``into``; returns what belongs on the path of Python."""
    copied = into / mutant.name
    texts = changed_texts(mutant)
    # Compiled files are valid for the copies too: they go by time and size of their source.
    shutil.copytree(PACKAGE, copied / "undertow")
    for path, text in texts.items():
        (copied / "undertow" / path).write_text(text)
        # Two writes within a second, and a size that stayed, would leave the old compiled file in force.
        os.utime(copied / "undertow" / path, (1, 1))
    return copied
