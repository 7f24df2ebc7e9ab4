"""The command line over a small world, with a terminal that answers what the test says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.functions.console_world import STRATEGY, MarksOfATest, new_console, new_documents
from tests.services.world import World, new_world

from undertow.adapters.memory import RecordingRoutes
from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.route_secrets import SsmRouteSecrets
from undertow.adapters.ssm.secrets import SsmSecrets
from undertow.adapters.ssm.store import SsmDocuments
from undertow.adapters.ssm.tokens import SsmTokens
from undertow.cli import run
from undertow.commands.terminal import Terminal
from undertow.services.console import Operator
from undertow.services.try_routes import TryRoutes

ENVIRONMENT = {"UNDERTOW_STAGE": "local", "AWS_REGION": "eu-west-1"}


@dataclass
class ScriptedTerminal:
    """A person who answers the given answers, or a pipe when ``interactive`` is false."""

    interactive: bool = False
    user: str = "anna"
    answers: list[str] = field(default_factory=list)
    stdin: str = ""
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.out.append(text)

    def warn(self, text: str) -> None:
        self.err.append(text)

    def ask(self, question: str) -> str:
        self.questions.append(question)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)

    def ask_secret(self, question: str) -> str:
        return self.ask(f"(hidden) {question}")

    def read(self) -> str:
        return self.stdin


def address_of(key: str) -> str:
    """Stands in for the curve: one key has one address."""
    return "0x" + "ab" * 20 if key == "7" * 64 else "0x" + "cd" * 20


@dataclass
class CommandLine:
    operator: Operator
    documents: SsmDocuments
    folder: Path
    environment: Mapping[str, str] = field(default_factory=lambda: ENVIRONMENT)
    opened: list[Mapping[str, str]] = field(default_factory=list)
    terminal: ScriptedTerminal = field(default_factory=ScriptedTerminal)

    def __call__(self, *argv: str, answers: list[str] | None = None, stdin: str = "") -> int:
        """Run a command; with ``answers`` somebody sits at the terminal."""
        self.terminal = ScriptedTerminal(interactive=answers is not None, answers=answers or [], stdin=stdin)
        return run(argv, self.environment, self.terminal, self._open)

    def _open(self, env: Mapping[str, str], _terminal: Terminal) -> Operator:
        self.opened.append(env)
        return self.operator

    @property
    def out(self) -> str:
        return "\n".join(self.terminal.out)

    @property
    def err(self) -> str:
        return "\n".join(self.terminal.err)

    def file(self, content: object, name: str = "file.json") -> str:
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)


@pytest.fixture
def world() -> World:
    return new_world()


@pytest.fixture
def documents() -> SsmDocuments:
    return new_documents()


@pytest.fixture
def routes() -> RecordingRoutes:
    return RecordingRoutes()


@pytest.fixture
def undertow(world: World, documents: SsmDocuments, routes: RecordingRoutes, tmp_path: Path) -> CommandLine:
    parameters = MemoryParameters()
    console = new_console(world, documents, MarksOfATest())
    operator = Operator(
        console,
        SsmTokens(parameters, "/undertow/test", world.clock),
        SsmSecrets(parameters, "/undertow/test", address_of),
        SsmSecrets(parameters, "/undertow/test", address_of, listening=True),
        SsmRouteSecrets(parameters, "/undertow/test"),
        TryRoutes(console.sources.params, routes, "test", world.clock),
    )
    return CommandLine(operator, documents, tmp_path)


@pytest.fixture
def strategy() -> dict[str, Any]:
    return json.loads(json.dumps(STRATEGY))  # type: ignore[no-any-return]
