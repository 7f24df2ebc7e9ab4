from collections.abc import Iterator
from pathlib import Path

import pytest
from local.deployment import EMULATOR_PYTHON

pytest.register_assert_rewrite("tests.kill.case")

from tests.kill.case import Case  # noqa: E402  after the line above, or its asserts would say nothing
from tests.kill.station import Station, open_station  # noqa: E402


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    if not EMULATOR_PYTHON.exists():
        pytest.skip("the emulator is not installed: make build/ministack-venv/.ready")
    patch = pytest.MonkeyPatch()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        patch.setenv(name, "test")
    root: Path = tmp_path_factory.mktemp("kill")
    with open_station(root) as opened:
        yield opened
    patch.undo()


@pytest.fixture
def case(station: Station) -> Case:
    return station.open_case()
