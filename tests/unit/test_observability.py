import io
import json
import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.adapters.memory import SettableClock
from undertow.observability import (
    HIDDEN,
    QUIET_LOGGERS,
    EmfMeter,
    JsonLines,
    Redactor,
    configure_logging,
    metric_name,
)

CANARY = "c4nary-9f8e7d6c5b4a"
ANYTHING = st.text()


def line(message: str, *secrets: str, **facts: Any) -> str:
    record = logging.LogRecord("undertow.test", logging.INFO, __file__, 1, message, None, None)
    record.__dict__.update(facts)
    return JsonLines("evaluate", "paper", Redactor(secrets)).format(record)


def parsed(message: str, *secrets: str, **facts: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(line(message, *secrets, **facts))
    return read


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    quiet = {name: logging.getLogger(name).level for name in QUIET_LOGGERS}
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)
    for name, was in quiet.items():
        logging.getLogger(name).setLevel(was)


def test_a_record_is_one_json_object_with_its_facts() -> None:
    read = parsed("order_submitted", symbol="币安人生USDT", price=Decimal("1.50"), filled=None, attempts=2)
    assert read["message"] == "order_submitted"
    assert (read["level"], read["service"], read["stage"]) == ("INFO", "evaluate", "paper")
    assert (read["symbol"], read["price"], read["filled"], read["attempts"]) == ("币安人生USDT", "1.50", None, 2)


@given(ANYTHING, ANYTHING, st.dictionaries(ANYTHING, ANYTHING, max_size=3))
def test_a_record_is_one_line_whatever_it_says(message: str, value: str, nested: dict[str, str]) -> None:
    written = line(message, fact=value, facts=nested)
    assert len(written.splitlines()) == 1
    assert written.encode()
    assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in written)
    assert json.loads(written)["logger"] == "undertow.test"


@pytest.mark.parametrize("name", ["level", "time", "logger", "service", "stage"])
def test_no_fact_can_pass_for_a_fixed_field(name: str) -> None:
    assert parsed("said", **{name: "forged"})[name] != "forged"


@pytest.mark.parametrize(
    "name",
    [
        "signature",
        "api_secret",
        "X-MBX-APIKEY",
        "apiKey",
        "listenKey",
        "listen_key",
        "authorization",
        "Authorization",
        "token",
        "token_secret",
        "nonce",
        "agent_key",
        "passphrase",
    ],
)
def test_what_goes_under_a_secret_name_is_hidden_at_any_depth(name: str) -> None:
    written = line("sent", **{name: CANARY}, request={"headers": [{name: CANARY}]})
    assert CANARY not in written
    assert HIDDEN in written


@pytest.mark.parametrize(
    "text",
    [
        f"GET https://fapi/fapi/v3/order?symbol=BTCUSDT&signature={CANARY}",
        f"signature: {CANARY}",
        f'{{"listenKey":"{CANARY}"}}',
        f"{{'listenKey': '{CANARY}'}}",
        f"Authorization: Bearer {CANARY}",
        f"X-MBX-APIKEY={CANARY}",
        f"nonce={CANARY}&user=1",
        "wss://fstream/ws/" + CANARY.replace("-", "") * 4,
    ],
)
def test_secrets_inside_texts_are_hidden(text: str) -> None:
    for written in (line(text), line("failed", cause=text), line("failed", causes=[text])):
        assert CANARY not in written
        assert CANARY.replace("-", "") not in written


@given(ANYTHING, ANYTHING)
def test_a_known_secret_is_hidden_wherever_it_stands(before: str, after: str) -> None:
    text = before + CANARY + after
    assert CANARY not in line(text, CANARY, cause=text, facts={CANARY: [text]}, pair=(text, {text}))


def test_a_known_secret_in_an_exception_is_hidden() -> None:
    error = ValueError(f"bad value {CANARY}")
    record = logging.LogRecord(
        "undertow", logging.ERROR, __file__, 1, "failed", None, (ValueError, error, error.__traceback__)
    )
    written = JsonLines("s", "t", Redactor([CANARY])).format(record)
    assert "ValueError" in json.loads(written)["exception"]
    assert CANARY not in json.loads(written)["exception"]


def test_volumes_in_tokens_and_times_of_keys_are_no_secrets() -> None:
    read = parsed("decided", inputs={"tokens": "1.5"}, listen_key_renewed_at_ms=5)
    assert read["inputs"] == {"tokens": "1.5"}
    assert read["listen_key_renewed_at_ms"] == 5


def test_short_texts_are_not_taken_for_secrets() -> None:
    assert parsed("BTC", "BTC")["message"] == "BTC"


def test_logging_is_configured_once_for_all_and_noisy_libraries_are_quiet(root: logging.Logger) -> None:
    written = io.StringIO()
    root.addHandler(logging.StreamHandler(io.StringIO()))
    redactor = configure_logging("worker", "paper", "INFO", stream=written)
    configure_logging("worker", "paper", "INFO", stream=written)
    redactor.add([CANARY])
    logging.getLogger("undertow.services").info("heard", extra={"symbol": "BTC"})
    logging.getLogger("undertow.services").debug("not heard")
    logging.getLogger("httpx").info("HTTP Request: POST https://fapi?signature=abc")
    (only,) = written.getvalue().splitlines()
    assert json.loads(only)["message"] == "heard"


def test_a_redactor_learns_secrets_later(root: logging.Logger) -> None:
    written = io.StringIO()
    configure_logging("worker", "paper", stream=written).add([CANARY])
    logging.getLogger("undertow").warning(CANARY)
    assert CANARY not in written.getvalue()


def test_a_measurement_is_one_line_that_cloudwatch_reads() -> None:
    written = io.StringIO()
    meter = EmfMeter("evaluate", "paper", SettableClock(1_795_224_600_000), written)
    meter.count("fills_booked", 3)
    meter.observe("signal_to_order", 12)
    counted, observed = map(json.loads, written.getvalue().splitlines())
    assert counted == {
        "_aws": {
            "Timestamp": 1_795_224_600_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Undertow",
                    "Dimensions": [["stage"]],
                    "Metrics": [{"Name": "FillsBooked", "Unit": "Count"}],
                }
            ],
        },
        "stage": "paper",
        "service": "evaluate",
        "FillsBooked": 3,
    }
    assert observed["SignalToOrder"] == 12
    assert observed["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "SignalToOrder", "Unit": "Milliseconds"}]


@pytest.mark.parametrize(
    ("name", "shown"), [("signals", "Signals"), ("a_b_c", "ABC"), ("WorkerLoopLag", "WorkerLoopLag")]
)
def test_a_metric_has_one_name_in_cloudwatch(name: str, shown: str) -> None:
    assert metric_name(name) == shown
