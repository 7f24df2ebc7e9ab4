"""What an exchange with the venue means, and that nothing secret leaves by the side door."""

import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.aster.scripted import ScriptedVenue, SettableNow

from undertow.adapters.aster.connection import AsterConnection, Credentials, KeyCredentials
from undertow.adapters.aster.errors import (
    AsterError,
    BadCredentials,
    Banned,
    ClockSkew,
    ConnectFailed,
    HeldBack,
    NonceSpent,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Refused,
)
from undertow.adapters.aster.rest.wire import encode, error_of, open_http, text_of

NOW_MS = 1_748_310_859_508
ALPHABET = st.characters(exclude_categories=["Cs"])
NEXT_MINUTE_MS = 1_748_310_900_000


def place(connection: AsterConnection) -> Any:
    return connection.rest.orders.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=Decimal(1))


def failure(connection: AsterConnection, script: ScriptedVenue, answer: Any) -> AsterError:
    script.on("POST order", answer)
    with pytest.raises(AsterError) as raised:
        place(connection)
    return raised.value


def answer(status: int, code: object, text: str = "text", headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "msg": text}, headers=headers)


# --- sorting failures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("busy")]
)
def test_without_a_connection_nothing_was_sent(
    error: httpx.RequestError, connection: AsterConnection, script: ScriptedVenue
) -> None:
    assert type(failure(connection, script, error)) is ConnectFailed


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("server disconnected"),
        httpx.ProxyError("proxy"),
        httpx.DecodingError("gzip"),
    ],
)
def test_a_failure_after_the_connection_leaves_the_outcome_unknown(
    error: httpx.RequestError, connection: AsterConnection, script: ScriptedVenue
) -> None:
    unknown = failure(connection, script, error)
    assert type(unknown) is OutcomeUnknown
    assert str(unknown) == f"no answer ({type(error).__name__})"


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(answer(503, -1001), id="503 with a code"),
        pytest.param(answer(503, -2019), id="503 with the code of a refusal"),
        pytest.param(httpx.Response(503, text=""), id="503 without a body"),
        pytest.param(httpx.Response(502, text="<html>Bad gateway</html>"), id="gateway page"),
        pytest.param(httpx.Response(500, text="<html>"), id="error page"),
        pytest.param(httpx.Response(403, text="<html>blocked</html>"), id="firewall page"),
        pytest.param(httpx.Response(302, headers={"location": "https://elsewhere.test"}), id="redirect"),
        pytest.param(answer(408, -1007), id="408"),
        pytest.param(answer(400, -1000, "An unknown error occurred"), id="-1000"),
        pytest.param(answer(400, -1001), id="-1001"),
        pytest.param(answer(400, -1006), id="-1006"),
        pytest.param(answer(400, -1007), id="-1007"),
        pytest.param(answer(200, -1007), id="-1007 with 200"),
        pytest.param(httpx.Response(400, text="Bad Request"), id="400 without a code"),
        pytest.param(answer(400, "nonsense"), id="400 with a code that is none"),
        pytest.param(httpx.Response(200, text='{"orderId": 1'), id="cut off"),
        pytest.param(httpx.Response(200, text="<html>"), id="page with 200"),
        pytest.param(httpx.Response(200, text=""), id="nothing with 200"),
        pytest.param(httpx.Response(200, text='"text"'), id="a text"),
        pytest.param(httpx.Response(200, text='{"price": NaN}'), id="NaN"),
        pytest.param(httpx.Response(200, text='{"price": -Infinity}'), id="Infinity"),
        pytest.param(httpx.Response(200, content=b'{"a": "\xff"}'), id="no UTF-8"),
        pytest.param(httpx.Response(200, text="[" * 100_000), id="nested without end"),
        pytest.param(httpx.Response(200, text='{"a": 1e999999999999999999999}'), id="an exponent beyond Decimal"),
        pytest.param(httpx.Response(200, json=[]), id="an array in place of an order"),
    ],
)
def test_without_evidence_the_outcome_is_unknown(
    response: httpx.Response, connection: AsterConnection, script: ScriptedVenue
) -> None:
    assert type(failure(connection, script, response)) is OutcomeUnknown


@pytest.mark.parametrize("code", [-1002, -1011, -1022, -2014, -2015])
def test_bad_credentials_are_told_apart(code: int, connection: AsterConnection, script: ScriptedVenue) -> None:
    error = failure(connection, script, answer(401, code))
    assert isinstance(error, BadCredentials)
    assert error.code == code


def test_a_failed_signature_check_is_bad_credentials_although_its_code_says_nothing(
    connection: AsterConnection, script: ScriptedVenue
) -> None:
    assert isinstance(failure(connection, script, answer(400, -1000, "Signature check failed")), BadCredentials)


def test_times_outside_the_window_are_refused_definitely(connection: AsterConnection, script: ScriptedVenue) -> None:
    assert type(failure(connection, script, answer(400, -1021))) is ClockSkew
    assert type(failure(connection, script, answer(400, -4225, "Nonce Expired"))) is NonceSpent


@pytest.mark.parametrize("status", [200, 400, 401, 404])
@pytest.mark.parametrize("code", [-1111, -2010, -2019, -2021, -2022, -4061, -4164, -5060, "-2019"])
def test_a_code_of_the_venue_is_a_refusal(
    code: int | str, status: int, connection: AsterConnection, script: ScriptedVenue
) -> None:
    error = failure(connection, script, answer(status, code, "Margin is insufficient."))
    assert type(error) is Refused
    assert (error.code, error.text, error.http_status) == (int(code), "Margin is insufficient.", status)


@pytest.mark.parametrize("code", [200, "200"])
def test_a_positive_code_is_a_success(code: object, connection: AsterConnection, script: ScriptedVenue) -> None:
    script.on("DELETE allOpenOrders", {"code": code, "msg": "done"})
    assert connection.rest.orders.cancel_all_open_orders("BTCUSDT") == {"code": code, "msg": "done"}


def test_too_much_weight_stops_everything_until_the_next_minute(
    connection: AsterConnection, script: ScriptedVenue, now: SettableNow
) -> None:
    error = failure(connection, script, answer(429, -1003, "Too many requests"))
    assert type(error) is RateLimited
    assert (error.until_ms, error.orders_only) == (NEXT_MINUTE_MS, False)
    with pytest.raises(HeldBack) as held:
        connection.rest.market.ping()
    assert held.value.until_ms == NEXT_MINUTE_MS
    assert len(script.requests) == 1
    now.ms = NEXT_MINUTE_MS
    script.on("GET ping", {})
    connection.rest.market.ping()


def test_retry_after_is_respected_where_it_is_sent(connection: AsterConnection, script: ScriptedVenue) -> None:
    error = failure(connection, script, answer(429, -1003, headers={"Retry-After": "7"}))
    assert isinstance(error, RateLimited)
    assert error.until_ms == NOW_MS + 7000


def test_too_many_orders_stop_orders_and_leave_reads_and_cancels(
    connection: AsterConnection, script: ScriptedVenue, payload: Callable[[str], Any]
) -> None:
    error = failure(connection, script, answer(429, -1015, "Too many new orders"))
    assert isinstance(error, RateLimited)
    assert error.orders_only
    with pytest.raises(HeldBack):
        place(connection)
    script.on("DELETE order", payload("http_delete_order"))
    connection.rest.orders.cancel_order("BTCUSDT", orderId=283194212)


def test_a_ban_stops_everything_until_the_time_it_names(connection: AsterConnection, script: ScriptedVenue) -> None:
    until_ms = NOW_MS + 600_000
    error = failure(connection, script, answer(418, -1003, f"IP banned until {until_ms}"))
    assert type(error) is Banned
    assert error.until_ms == until_ms == connection.budget.blocked_until_ms
    with pytest.raises(HeldBack):
        connection.rest.market.time()


@pytest.mark.parametrize("status", [418, 429])
def test_a_limit_without_a_readable_body_counts_as_one(
    status: int, connection: AsterConnection, script: ScriptedVenue
) -> None:
    assert isinstance(failure(connection, script, httpx.Response(status, text="<html>")), RateLimited)


def test_the_tree_says_what_may_be_sent_again() -> None:
    assert issubclass(ConnectFailed, NotSent)
    assert issubclass(HeldBack, NotSent)
    assert not issubclass(OutcomeUnknown, NotSent | Refused)
    assert issubclass(Banned, RateLimited)
    assert issubclass(RateLimited, Refused)


def test_an_element_of_a_batch_is_judged_by_itself(payload: Callable[[str], Any]) -> None:
    canceled, refused = payload("http_delete_batchOrders")
    assert error_of(canceled) is None
    error = error_of(refused)
    assert isinstance(error, Refused)
    assert error.code == -2011
    assert isinstance(error_of({"code": -1007, "msg": ""}), OutcomeUnknown)


def test_numbers_of_an_answer_are_decimals(connection: AsterConnection, script: ScriptedVenue) -> None:
    script.on("GET fundingInfo", httpx.Response(200, text='[{"fundingFeeCap":0.03,"fundingIntervalHours":8}]'))
    assert connection.rest.market.funding_info() == [{"fundingFeeCap": Decimal("0.03"), "fundingIntervalHours": 8}]


# --- encoding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (5, "5"),
        ("a b&c=d", "a b&c=d"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-8"), "0.00000001"),
        (Decimal("0.500"), "0.5"),
        (Decimal("-0"), "0"),
        ([1, 2], "[1,2]"),
        (["币"], '["币"]'),
        ([{"a": Decimal("1.0"), "b": None, "c": True}], '[{"a":"1","c":"true"}]'),
    ],
)
def test_values_are_written_as_the_venue_reads_them(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("value", [1.5, b"x", object()])
def test_other_types_are_no_parameters(value: object) -> None:
    with pytest.raises(TypeError):
        text_of(value)


def test_parameters_keep_their_order_are_escaped_once_and_none_is_left_out() -> None:
    assert encode({"symbol": "币USDT", "b": None, "a": "x y&z"}) == "symbol=%E5%B8%81USDT&a=x+y%26z"


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["symbol", "side", "newClientOrderId"]), st.text(ALPHABET)))
def test_parameters_are_written_as_a_form_writes_them(params: dict[str, str]) -> None:
    assert encode(params) == urlencode(params)


# --- nothing secret in logs or texts ---------------------------------------------------------------------------------


def test_signed_urls_and_keys_reach_no_log_and_no_error_text(
    open_connection: Callable[[Credentials | None], AsterConnection],
    script: ScriptedVenue,
    caplog: pytest.LogCaptureFixture,
) -> None:
    connection = open_connection(KeyCredentials(api_key="canary-key", secret="canary-secret"))
    # As somebody would who wants to see everything; this raises the level that open_http had set.
    for name in ("", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    script.on("GET balance", [])
    connection.rest.account.balance()
    sent = str(script.requests[0].url)
    assert "signature=" in sent
    script.refuse("GET balance", -2015, "Invalid API-key, IP, or permissions for action.")
    with pytest.raises(BadCredentials) as refused:
        connection.rest.account.balance()
    script.on("GET balance", httpx.ReadTimeout("timed out"))
    with pytest.raises(OutcomeUnknown) as unknown:
        connection.rest.account.balance()
    written = caplog.text + str(refused.value) + repr(refused.value) + str(unknown.value) + repr(unknown.value)
    for secret in ("signature", "canary-key", "canary-secret", sent):
        assert secret not in written


def test_the_client_has_four_time_limits_and_follows_no_redirect() -> None:
    with open_http("https://venue.test") as http:
        assert set(http.timeout.as_dict()) == {"connect", "read", "write", "pool"}
        assert all(limit is not None and limit <= 5 for limit in http.timeout.as_dict().values())
        assert http.follow_redirects is False
