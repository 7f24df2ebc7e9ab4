"""How far an import has come, and how long it may take."""

from dataclasses import replace

import pytest
from tests.unit.builders import ACCOUNT, NOW_MS

from undertow.domain.imports import Checkpoint

# A quarter of 8,000 ms of history, for which the run has taken 600 ms.
UNDER_WAY = Checkpoint(ACCOUNT, "income", 1_000, 3_000, 9_000, NOW_MS, run_started_at_ms=NOW_MS - 600)


@pytest.mark.parametrize(
    ("checkpoint", "done_pct", "remaining_ms"),
    [
        (UNDER_WAY, 25, 1_800),
        (replace(UNDER_WAY, caught_up_at_ms=NOW_MS), 100, 0),
        (replace(UNDER_WAY, run_started_at_ms=0), 25, None),
        (replace(UNDER_WAY, cursor_ms=1_000), 0, None),
        (replace(UNDER_WAY, cursor_ms=1_001), 0, 4_799_400),
        (replace(UNDER_WAY, run_started_at_ms=NOW_MS), 25, None),
        (replace(UNDER_WAY, run_started_at_ms=NOW_MS - 1), 25, 3),
        (replace(UNDER_WAY, cursor_ms=9_000), 100, 0),
        (replace(UNDER_WAY, target_ms=1_000, cursor_ms=1_000), 100, None),
    ],
)
def test_what_remains_is_told_from_the_pace_so_far(
    checkpoint: Checkpoint, done_pct: int, remaining_ms: int | None
) -> None:
    assert (checkpoint.done_pct, checkpoint.remaining_ms(NOW_MS)) == (done_pct, remaining_ms)
