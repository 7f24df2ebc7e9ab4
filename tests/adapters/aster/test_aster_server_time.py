import httpx
import pytest
from tests.adapters.aster.scripted import ScriptedVenue, SettableNow

from undertow.adapters.aster.connection import AsterConnection
from undertow.adapters.aster.errors import ConnectFailed
from undertow.adapters.aster.server_time import Drift, ServerTime, TimeSample
from undertow.adapters.aster.strict import BadFrame

NOW_MS = 1_748_310_859_508


@pytest.fixture
def server_time(now: SettableNow) -> ServerTime:
    return ServerTime(now)


def sample(offset_ms: int, delay_ms: int = 40) -> TimeSample:
    return TimeSample(NOW_MS, NOW_MS + delay_ms // 2 + offset_ms, NOW_MS + delay_ms)


def test_half_of_the_delay_is_taken_off() -> None:
    assert TimeSample(sent_ms=1000, server_ms=1300, received_ms=1200).offset_ms == 200


def test_one_slow_answer_does_not_shift_the_clock(server_time: ServerTime) -> None:
    server_time.learn([sample(100), sample(102), sample(98), sample(4000), sample(101)])
    assert server_time.offset_ms == 101
    assert server_time.now_ms() == NOW_MS + 101


@pytest.mark.parametrize(
    ("offset_ms", "drift"),
    [
        (0, Drift.GOOD),
        (500, Drift.GOOD),
        (-501, Drift.ALARMING),
        (1000, Drift.ALARMING),
        (1001, Drift.REFUSING),
        (-5000, Drift.REFUSING),
    ],
)
def test_drift_is_judged_by_the_offset(offset_ms: int, drift: Drift, server_time: ServerTime) -> None:
    assert server_time.drift is Drift.UNMEASURED
    server_time.learn([sample(offset_ms)])
    assert server_time.drift is drift


def test_a_clock_once_found_wrong_stays_so_until_it_is_measured_again(
    server_time: ServerTime, now: SettableNow
) -> None:
    server_time.learn([sample(5000)])
    now.ms += 24 * 3_600_000
    assert server_time.drift is Drift.REFUSING
    assert server_time.age_ms == 24 * 3_600_000


def test_the_age_is_unknown_when_our_clock_was_set_back(server_time: ServerTime, now: SettableNow) -> None:
    assert server_time.age_ms is None
    server_time.learn([sample(0)])
    now.ms -= 1
    assert server_time.age_ms is None


def test_the_clock_is_measured_with_five_questions(connection: AsterConnection, script: ScriptedVenue) -> None:
    script.on("GET time", {"serverTime": NOW_MS + 700})
    assert connection.sync_clock() is Drift.ALARMING
    assert connection.time.offset_ms == 700
    assert len(script.asked("GET time")) == 5


def test_a_failed_measurement_changes_nothing(connection: AsterConnection, script: ScriptedVenue) -> None:
    good = httpx.Response(200, json={"serverTime": NOW_MS + 700})
    script.on("GET time", good, good, httpx.ConnectError("refused"))
    with pytest.raises(ConnectFailed):
        connection.sync_clock()
    script.on("GET time", {"serverTime": "soon"})
    with pytest.raises(BadFrame):
        connection.sync_clock()
    assert connection.time.drift is Drift.UNMEASURED
    assert connection.time.offset_ms == 0


def test_signatures_carry_the_venues_time(connection: AsterConnection, script: ScriptedVenue) -> None:
    script.on("GET time", {"serverTime": NOW_MS + 700})
    script.on("GET balance", [])
    connection.sync_clock()
    connection.rest.account.balance()
    (request,) = script.asked("GET balance")
    assert dict(request.url.params)["nonce"] == str((NOW_MS + 700) * 1000)
