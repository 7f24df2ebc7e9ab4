"""A parameter store in memory: named texts with every version they ever had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from undertow.adapters.ssm.parameters import Pin, Stored


@dataclass(slots=True)
class MemoryParameters:
    _texts: dict[str, list[str]] = field(default_factory=dict)

    def read(self, name: str) -> Stored | None:
        versions = self._texts.get(name)
        return None if versions is None else Stored(name, len(versions), versions[-1])

    def pinned(self, pins: Sequence[Pin]) -> Mapping[Pin, str]:
        return {
            pin: self._texts[pin.name][pin.version - 1]
            for pin in pins
            if 0 < pin.version <= len(self._texts.get(pin.name, ()))
        }

    def below(self, path: str) -> Sequence[Stored]:
        start = f"{path}/"
        return [
            Stored(name, len(versions), versions[-1])
            for name, versions in sorted(self._texts.items())
            if name.startswith(start) and "/" not in name.removeprefix(start)
        ]

    def write(self, name: str, value: str) -> int:
        versions = self._texts.setdefault(name, [])
        versions.append(value)
        return len(versions)

    def write_secret(self, name: str, value: str) -> int:
        return self.write(name, value)
