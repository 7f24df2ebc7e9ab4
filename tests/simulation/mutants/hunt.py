"""Run seeds until one finds the bug that is planted in the package on the path."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from tests.simulation.mutants.planted import ROOT, Mutant, plant

STEPS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Finding:
    """``seed`` is None when no seed found the bug. ``steps`` is when the run of that seed broke."""

    mutant: Mutant
    seed: int | None
    steps: int
    what: str
    tried: int

    @property
    def invariant(self) -> str:
        return self.what.split(":", 1)[0]


@dataclass(slots=True)
class Hunter:
    """A seed that breaks without any bug as well is no evidence, and is passed over."""

    into: Path
    steps: int = STEPS
    _sound: dict[int, bool] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def find(self, mutant: Mutant, seeds: range) -> Finding:
        path = plant(mutant, self.into)
        first = seeds.start
        while first < seeds.stop:
            found = self._search(mutant, path, range(first, seeds.stop))
            if found.seed is None or self._is_sound(found.seed):
                return found
            first = found.seed + 1
        return Finding(mutant, None, 0, "", len(seeds))

    def _is_sound(self, seed: int) -> bool:
        with self._lock:
            if seed not in self._sound:
                original = Mutant(f"none at {seed}", "nothing", ())
                found = self._search(original, plant(original, self.into), range(seed, seed + 1))
                self._sound[seed] = found.seed is None
            return self._sound[seed]

    def _search(self, mutant: Mutant, path: Path, seeds: range) -> Finding:
        """In a process of its own, in which the copy comes before the original."""
        script = "import sys; from tests.simulation.mutants.hunt import search; search(*map(int, sys.argv[1:]))"
        done = subprocess.run(
            [sys.executable, "-P", "-c", script, str(seeds.start), str(seeds.stop - 1), str(self.steps)],
            cwd=path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(path), str(ROOT)))},
            capture_output=True,
            text=True,
        )
        lines = done.stdout.splitlines()
        if not lines:
            raise HuntFailed(f"{mutant.name}: {done.stderr[-2_000:]}")
        told = json.loads(lines[-1])
        return Finding(mutant, told["seed"], told["steps"], told["what"], told["tried"])


class HuntFailed(Exception):
    """The process ended without saying what it found."""


def search(first: int, last: int, steps: int) -> None:
    """Print the first seed that breaks, as JSON. A run that the bug brings down has found it too."""
    from tests.simulation.run import run_seed

    import undertow

    if not Path(undertow.__file__).is_relative_to(Path.cwd()):
        raise HuntFailed(f"{undertow.__file__} is not the copy")
    for seed in range(first, last + 1):
        try:
            violations = [(one.step, one.what) for one in run_seed(seed, steps).violations]
        except Exception as error:  # noqa: BLE001 whatever a bug of the product's leads to
            violations = [(0, f"crash: {type(error).__name__}: {error}")]
        if violations:
            step, what = violations[0]
            _tell(seed, step, what, seed - first + 1)
            return
    _tell(None, 0, "", last - first + 1)


def _tell(seed: int | None, steps: int, what: str, tried: int) -> None:
    sys.stdout.write(json.dumps({"seed": seed, "steps": steps, "what": what, "tried": tried}) + "\n")
