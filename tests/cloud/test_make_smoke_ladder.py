"""The example ladder on a short tape: positions of several layers, with their whole risk in reserve."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cloud.running import PROJECT

pytestmark = pytest.mark.cloud


def eager_ladder(folder: Path) -> Path:
    """The example, but for a tape of three minutes: ranked after one liquidation, and a layer with each that counts.

    Positions are held for longer than by the example: in three minutes hardly a price passes through two levels.
    """
    example = json.loads((PROJECT / "examples" / "ladder.json").read_text())
    example["base"] |= {
        "min_history": 1,
        "percentile_threshold": "1",
        "cooldown_sec": 5,
        "layer_delay_sec": 1,
        "layer_trigger": "liquidation",
        "protection": "percent",
        "take_profit_pct": "4",
        "stop_loss_pct": "4",
    }
    file = folder / "ladder.json"
    file.write_text(json.dumps(example))
    return file


def test_a_ladder_fills_several_layers_of_a_position_and_never_risks_more_than_it_reserved(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "local.cloud", "smoke", "--strategy", str(eager_ladder(tmp_path)),
        "--minutes", "3", "--speed", "2",
    ]  # fmt: skip
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    summary = json.loads(ended.stdout)
    assert summary["broken"] == []
    assert summary["ladders_opened"] >= summary["positions_opened"] > 0
    assert max(int(layers) for layers in summary["layers_filled_by_position"]) > 1
    assert float(summary["reserved_risk"]["quote"]) >= float(summary["filled_risk"]["quote"]) > 0
    assert summary["fills"] == summary["fills_at_venue"]
    assert summary["duplicates"] == summary["unprotected_now"] == summary["unknown_now"] == 0
