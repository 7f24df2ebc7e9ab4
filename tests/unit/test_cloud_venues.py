"""Whose prices `make run` takes: what is not possible is refused with what is."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--venue", "aster", "--mode", "live"], "only `make deploy STAGE=live` trades"),
        (["--venue", "simulator", "--mode", "live"], "only `make deploy STAGE=live` trades"),
        (["--venue", "elsewhere"], "VENUE=simulator plays a tape, VENUE=aster MODE=paper takes Aster's live"),
        (["--venue", "aster", "--tape", "a.gz"], "VENUE=aster has no tape"),
        (["--venue", "aster", "--speed", "20"], "VENUE=aster has no tape"),
    ],
)
def test_a_venue_and_a_mode_that_do_not_go_together_are_refused_with_what_is_possible(given, said) -> None:
    command = [sys.executable, "-m", "local.cloud", "run", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert said in done.stderr
