"""I18: what an account signs with stands in no log line, no alert, no row and no error.

To write every line would cost more than all the rest of a run, so that some seeds do it. Nobody tells the formatter
which values are secret: what it hides by their name and look must be enough.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.simulation import Simulation
from tests.simulation.violation import Violation

from undertow.observability import JsonLines, Redactor

EVERY: Final = 20
SHOWN: Final = 200


def is_watched(seed: int) -> bool:
    return seed % EVERY == 9


@dataclass(slots=True)
class Canary:
    secrets: tuple[str, ...]
    lines: int = 0
    found: list[Violation] = field(default_factory=list)

    def look(self, text: str, where: str) -> None:
        self.lines += 1
        for secret in self.secrets:
            if secret in text:
                place = max(0, text.index(secret) - SHOWN // 2)
                self.found.append(Violation("I18", f"a secret stands in {where}: {text[place : place + SHOWN]}"))

    def look_at_all(self, simulation: Simulation) -> list[Violation]:
        """What was kept and told, beside what was logged."""
        store = simulation.universe.store
        for table in (
            "orders",
            "decisions",
            "requests",
            "audit",
            "guards",
            "reconciliations",
            "checkpoints",
            "healths",
        ):
            self.look(repr(getattr(store, table)), f"the table of {table}")
        for alert in simulation.universe.notifier.alerts:
            self.look(repr(alert), "an alert")
        for error in simulation.lambdas.errors:
            self.look(error, "an error")
        return self.found


class _Listening(logging.Handler):
    def __init__(self, canary: Canary) -> None:
        super().__init__()
        self.setFormatter(JsonLines("simulated", "test", Redactor()))
        self._canary = canary

    def emit(self, record: logging.LogRecord) -> None:
        self._canary.look(self.format(record), "a log line")


def canary_of(simulation: Simulation) -> Canary:
    known = [simulation.universe.house.credentials_of(account.id) for account in simulation.universe.accounts]
    return Canary(
        tuple(secret for one in known for secret in (one.api_secret, one.agent_key, one.user_key, one.api_key))
    )


@contextmanager
def listening(canary: Canary) -> Iterator[None]:
    """Every line of the product's, as a function would write it, and to nobody else."""
    logger = logging.getLogger("undertow")
    before, handler = (logger.level, logger.propagate), _Listening(canary)
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before
        logger.setLevel(before[0])
