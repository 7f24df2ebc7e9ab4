"""When nothing could be done whatever the system is like: its tables were gone, its functions held, the venue shut."""

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(slots=True)
class Outages:
    """Times that do not count as the system's own slowness. Noted as they pass, in order."""

    _from_ms: list[int] = field(default_factory=list)
    _to_ms: list[int] = field(default_factory=list)

    def note(self, from_ms: int, to_ms: int) -> None:
        if self._to_ms and from_ms <= self._to_ms[-1]:
            self._to_ms[-1] = max(self._to_ms[-1], to_ms)
        else:
            self._from_ms.append(from_ms)
            self._to_ms.append(to_ms)

    def within_ms(self, from_ms: int, to_ms: int) -> int:
        """How much of the time from ``from_ms`` to ``to_ms`` was an outage."""
        total = 0
        for index in range(max(0, bisect_right(self._from_ms, from_ms) - 1), len(self._from_ms)):
            if self._from_ms[index] >= to_ms:
                break
            total += max(0, min(to_ms, self._to_ms[index]) - max(from_ms, self._from_ms[index]))
        return total
