"""Counts what an SDK client sends, every attempt of it: requests are what a cascade costs."""

from collections import Counter
from typing import Any


class RequestCounter:
    def __init__(self, *clients: Any) -> None:
        self.by_operation: Counter[str] = Counter()
        for client in clients:
            client.meta.events.register("request-created", self._count)

    @property
    def total(self) -> int:
        return self.by_operation.total()

    def reset(self) -> None:
        self.by_operation.clear()

    def _count(self, operation_name: str, **_: object) -> None:
        self.by_operation[operation_name] += 1
