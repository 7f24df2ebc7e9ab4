from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.adapters.aster.scripted import ScriptedVenue, SettableNow

from undertow.adapters.aster.connection import (
    AgentCredentials,
    AsterConnection,
    Credentials,
    KeyCredentials,
    connect,
    read_credentials,
)
from undertow.adapters.aster.listen_key import ListenKeys
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable

Opener = Callable[[Credentials | None], AsterConnection]


def test_credentials_of_both_generations_are_read() -> None:
    assert read_credentials('{"user": "0xU", "agent_key": "0xK"}') == AgentCredentials("0xU", "0xK", 1666)
    testnet = '{"user": "0xU", "agent_key": "0xK", "chain_id": 714}'
    assert read_credentials(testnet) == AgentCredentials("0xU", "0xK", 714)
    assert read_credentials('{"api_key": "k", "secret": "s"}') == KeyCredentials("k", "s", 5000)


@pytest.mark.parametrize(
    "document",
    [
        *("", "canary", "[]", "5", '"canary"', "{}", '{"user": "canary"}', '{"agent_key": "canary"}'),
        '{"user": "canary", "agent_key": ""}',
        '{"user": "canary", "agent_key": 5}',
        '{"user": "canary", "agent_key": "canary", "extra": 1}',
        '{"user": "canary", "agent_key": "canary", "chain_id": "1666"}',
        '{"api_key": "canary", "secret": "canary", "recv_window_ms": true}',
        '{"api_key": "canary", "secret": "canary", "user": "canary", "agent_key": "canary"}',
    ],
)
def test_a_bad_secret_is_refused_without_showing_it(document: str) -> None:
    with pytest.raises(ValueError, match="the secret") as raised:
        read_credentials(document)
    assert "canary" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_credentials_do_not_show_their_secrets() -> None:
    assert "canary" not in repr(AgentCredentials("0xU", "canary"))
    assert "canary" not in repr(KeyCredentials("canary", "canary"))


def test_public_data_needs_no_credentials(open_connection: Opener, script: ScriptedVenue) -> None:
    script.on("GET ping", {})
    open_connection(None).rest.market.ping()
    assert script.requests[0].url.path == "/fapi/v3/ping"


def test_processes_that_share_a_key_draw_lanes_of_their_own(script: ScriptedVenue, now: SettableNow) -> None:
    credentials = AgentCredentials("0xU", "11" * 32)
    script.on("GET balance", [])
    for _ in range(20):
        with_random_lane = connect("https://venue.test", credentials, now, transport=httpx.MockTransport(script))
        with_random_lane.rest.account.balance()
        with_random_lane.close()
    nonces = {dict(request.url.params)["nonce"] for request in script.requests}
    assert len(nonces) > 10


# --- listen keys -----------------------------------------------------------------------------------------------------


def test_a_listen_key_is_obtained_and_renewed(
    connection: AsterConnection, script: ScriptedVenue, payload: Callable[[str], Any]
) -> None:
    script.on("POST listenKey", payload("http_post_listenKey"))
    script.on("PUT listenKey", {})
    keys = ListenKeys(connection)
    assert keys.obtain() == payload("http_post_listenKey")["listenKey"]
    assert keys.renew() is True


def test_a_key_that_is_gone_says_so_and_any_other_failure_is_one(
    connection: AsterConnection, script: ScriptedVenue
) -> None:
    keys = ListenKeys(connection)
    script.refuse("PUT listenKey", -1125, "This listenKey does not exist.")
    assert keys.renew() is False
    for code in (-1007, -2015):
        script.refuse("PUT listenKey", code)
        with pytest.raises(VenueReadFailed):
            keys.renew()
    script.on("POST listenKey", httpx.ConnectError("refused"))
    with pytest.raises(VenueUnreachable):
        keys.obtain()
    script.on("POST listenKey", {"listenKey": 5})
    with pytest.raises(VenueReadFailed):
        keys.obtain()


def test_nobody_closes_a_listen_key_that_others_share() -> None:
    assert {name for name in vars(ListenKeys) if not name.startswith("_")} == {"obtain", "renew"}
