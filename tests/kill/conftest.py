import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.kill.asked", "tests.kill.case", "tests.kill.matrix")

from tests.kill.case import Case  # noqa: E402  after the line above, or its asserts would say nothing
from tests.kill.station import Station, open_station  # noqa: E402

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="package")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    subprocess.run(["make", "-s", "build/ministack-venv/.ready"], cwd=ROOT, check=True, timeout=600)
    patch = pytest.MonkeyPatch()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        patch.setenv(name, "test")
    root: Path = tmp_path_factory.mktemp("kill")
    with open_station(root) as opened:
        yield opened
    patch.undo()


@pytest.fixture
def case(station: Station) -> Iterator[Case]:
    with station.open_case() as opened:
        yield opened
