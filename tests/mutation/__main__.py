"""How many small changes of the code that money depends on the tests notice, measured with mutmut.

Domain, risk and the order path are changed one place at a time (an operator, a constant, a condition), and the unit
and service tests that run through the place are run. A change that no test notices has survived. All of them take
hours; a sample, drawn with a seed and the same again for the same seed, says the share within its margin.
What is logged is for people: statements that log are not changed, and a change of their words is not counted.

mutmut wants the sources in a folder called ``src`` beside the tests: a copy with that shape is made under build/.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
PLACE: Final = ROOT / "build/mutation"
PYTHON: Final = ROOT / "build/mutation-venv/bin/python"
ORDER_PATH: Final = [
    "add_layers",
    "book_fill",
    "cancel_layers",
    "cancel_order",
    "check_entry",
    "close_position",
    "enter",
    "evaluate",
    "expire_order",
    "guard_position",
    "place_order",
    "propose",
    "propose_layer",
    "protect",
    "record_order",
    "resolve_unconfirmed",
    "tell_of_position",
]
MUTATED: Final = ("domain/*", "risk/*", *(f"services/{name}.py" for name in ORDER_PATH))
COPIED: Final = [
    "tests",
    "local",
    "functions",
    "stream_worker",
    "layers",
    "examples",
    "docs",
    "infra",
    "template.yaml",
    "Makefile",
    "pyproject.toml",
]
FIRST: Final = "undertow.domain.numbers.x_floor_to__mutmut_1"
"""Run alone, so that all changes are written down and it is known which test runs through which function."""
SETTINGS: Final = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = [{mutated}]
do_not_mutate_patterns = ['logger\\.']
pytest_add_cli_args_test_selection = ["tests/unit", "tests/services"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "--deselect", "tests/unit/test_architecture.py"]
also_copy = [{copied}]
track_dependencies = false
"""
VERDICTS: Final = {0: "survived", 1: "killed", 3: "killed", 5: "no_tests", 33: "no_tests", 34: "skipped"}
"""What mutmut writes down of each change: its tests' exit status. Anything else is a timeout or a crash: noticed."""


class MutationRunFailed(Exception):
    """mutmut could not run. Its own words are in the log file named."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=400, help="changes to try; 0 tries all, which takes hours")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--goal-pct", type=int, default=85)
    given = parser.parse_args()
    _lay_out()
    _say("finding out which test runs through which function: some minutes")
    _mutmut(given.jobs, [FIRST])
    names = sorted(_verdicts())
    chosen = names if given.sample == 0 else sorted(Random(given.seed).sample(names, min(given.sample, len(names))))
    _say(f"{len(chosen)} of {len(names)} changes are tried")
    _mutmut(given.jobs, chosen)
    known = _verdicts()
    report = summary({name: known[name] for name in chosen}, len(names))
    survivors = [name for name in chosen if VERDICTS.get(known[name] or 0) in {"survived", "no_tests"}]
    (PLACE / "survivors.txt").write_text("\n".join(survivors) + "\n")
    _say(f"survivors are named in {(PLACE / 'survivors.txt').relative_to(ROOT)}")
    sys.stdout.write(json.dumps(report) + "\n")
    return 0 if report["score_pct"] >= given.goal_pct else 1


def summary(verdicts: Mapping[str, int | None], of: int) -> dict[str, Any]:
    """``score_pct`` is the share that was noticed, by the tests or because nothing worked any more.

    Drawn again, 19 samples of 20 would lie within ``margin_pct`` of what all changes together would show.
    """
    packages: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, code in verdicts.items():
        packages[name.split(".")[1]][_word(code)] += 1
    counted = sum(packages.values(), Counter[str]())
    score, judged = _score(counted)
    share, left = score / 100, 1 - len(verdicts) / of
    margin = 196 * sqrt(share * (1 - share) * left / judged) if judged else 100.0
    return {
        "mutants": of,
        "tried": len(verdicts),
        **dict(sorted(counted.items())),
        "score_by_package_pct": {package: round(_score(words)[0], 1) for package, words in sorted(packages.items())},
        "score_pct": round(score, 1),
        "margin_pct": round(margin, 1),
    }


def _word(code: int | None) -> str:
    return "not_run" if code is None else VERDICTS.get(code, "crashed")


def _score(counted: Mapping[str, int]) -> tuple[float, int]:
    """In percent, and of how many changes."""
    judged = sum(count for word, count in counted.items() if word not in {"skipped", "not_run"})
    noticed = counted.get("killed", 0) + counted.get("crashed", 0)
    return (100 * noticed / judged if judged else 0.0), judged


def _lay_out() -> None:
    shutil.rmtree(PLACE, ignore_errors=True)
    # Python remembers a folder that is not there when it starts, and would not find the sources in it later.
    (PLACE / "mutants/src").mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, PLACE / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            shutil.copy2(source, PLACE / name)
    shutil.copytree(
        ROOT / "layers/undertow/src", PLACE / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    mutated = ", ".join(f'"src/undertow/{pattern}"' for pattern in MUTATED)
    copied = ", ".join(f'"{name}"' for name in COPIED if name not in {"tests", "pyproject.toml"})
    with (PLACE / "pyproject.toml").open("a") as settings:
        settings.write(SETTINGS.format(mutated=mutated, copied=copied))


def _mutmut(jobs: int, names: Sequence[str]) -> None:
    """Tests start processes of their own too: they find the changed sources through the environment."""
    log = PLACE / "mutmut.log"
    environment = {
        **os.environ,
        "PYTHONPATH": str(PLACE / "mutants/src"),
        "PATH": f"{PYTHON.parent}:{os.environ['PATH']}",
    }
    with log.open("a") as told:
        done = subprocess.run(
            [PYTHON.with_name("mutmut"), "run", "--max-children", str(jobs), *names],
            cwd=PLACE,
            env=environment,
            stdout=told,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise MutationRunFailed(f"mutmut ended with {done.returncode}: see {log.relative_to(ROOT)}")


def _verdicts() -> dict[str, int | None]:
    return dict(pair for meta in PLACE.glob("mutants/src/**/*.py.meta") for pair in _verdicts_of(meta))


def _verdicts_of(meta: Path) -> Iterator[tuple[str, int | None]]:
    yield from json.loads(meta.read_text())["exit_code_by_key"].items()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
