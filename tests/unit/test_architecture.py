"""What holds of the package as a whole: importing does nothing, the core is values, a module says what it is."""

import ast
import dataclasses
import inspect
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Final

import pytest
from tests.unit import import_everything

import undertow

ROOT: Final = Path(undertow.__path__[0])
CORE: Final = ("domain", "risk", "strategies", "signals", "ports")


def import_in_a_process_of_its_own(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-B", "-W", "error", import_everything.__file__]
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False)


def modules_of(*packages: str) -> Iterator[ModuleType]:
    for package in packages:
        module = import_module(f"undertow.{package}")
        yield module
        if hasattr(module, "__path__"):
            for found in walk_packages(module.__path__, f"{module.__name__}."):
                yield import_module(found.name)


def test_importing_any_module_touches_nothing_and_reads_no_environment() -> None:
    imported = import_in_a_process_of_its_own({})
    assert imported.returncode == 0, imported.stderr
    assert int(imported.stdout) > len(list(modules_of(*CORE)))


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        ("a connection", "import socket; socket.create_connection(('127.0.0.1', 9))"),
        ("a file that is written", "open('/dev/null', 'w')"),
        ("a process", "import subprocess; subprocess.run(['true'])"),
        ("a thread", "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()"),
        ("a variable", "import os; os.environ.get('HOME')"),
        ("a variable asked for in another way", "import os; os.getenv('HOME')"),
    ],
)
def test_the_watch_over_imports_notices(sentence: str, line: str, tmp_path: Path) -> None:
    package = tmp_path / "undertow"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "busy.py").write_text(f"try:\n    {line}\nexcept OSError:\n    pass\n")
    imported = import_in_a_process_of_its_own({"PYTHONPATH": str(tmp_path), "PYTHONWARNINGS": "ignore"})
    assert (imported.returncode, imported.stdout) == (1, "1\n"), imported.stderr
    assert imported.stderr


@pytest.mark.parametrize("module", list(modules_of(*CORE)), ids=lambda module: module.__name__)
def test_values_of_the_core_are_frozen_and_slotted(module: ModuleType) -> None:
    for _, each in inspect.getmembers(module, inspect.isclass):
        if each.__module__ == module.__name__ and dataclasses.is_dataclass(each):
            # Windows are what the worker remembers: they change with every event, and they alone.
            assert vars(each)["__dataclass_params__"].frozen or module.__name__.startswith("undertow.signals"), each
            assert "__slots__" in vars(each), each


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_in_its_first_line(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert not tree.body or ast.get_docstring(tree), path
