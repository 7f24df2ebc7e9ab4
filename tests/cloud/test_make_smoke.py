"""A short tape from the websocket to the summary, with every fault of `FAULTS=all`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.cloud.running import PROJECT

pytestmark = pytest.mark.cloud


def test_a_tape_with_faults_ends_with_the_ledger_equal_to_the_venue_and_every_position_protected() -> None:
    command = [sys.executable, "-m", "local.cloud", "smoke", "--minutes", "3", "--speed", "5", "--faults", "all"]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    summary = json.loads(ended.stdout)
    assert summary["broken"] == []
    assert summary["frames_in"] == summary["liquidations_stored"] > 0
    assert summary["fills"] == summary["fills_at_venue"]
    assert summary["duplicates"] == summary["unprotected_now"] == summary["unknown_now"] == 0
    assert summary["positions_opened"] > 0
    assert {"drop_ws_every_s", "duplicate", "expire_listen_key_once", "late"} <= summary["faults"].keys()
