"""Listen keys from the simulated venue, with credentials that may be missing, wrong or replaced."""

import json
from collections.abc import Callable

import pytest
from local.venue.authentication import Doorman
from local.venue.credentials import Credentials
from local.venue.faults import faults
from local.venue.house import open_house
from local.venue.http import Request, Response
from local.venue.market import TapeMarket
from local.venue.rest import Rest
from local.venue.transport import VenueTransport
from stream_worker.accounts import NoKeys
from stream_worker.keys import StoredListenKeys
from tests.adapters.stream_rig import START_MS, TAPE

from undertow.adapters.memory.clock import SettableClock
from undertow.adapters.ssm.parameters import Stored
from undertow.domain.ids import AccountId
from undertow.domain.outcome import VenueReadFailed
from undertow.observability import HIDDEN, Redactor
from undertow.ports import DocumentsUnavailable

NAME = "/undertow/test/stream-secrets/main"
MAIN = AccountId("main")


class Secret:
    """The parameter store with one secret, or without."""

    def __init__(self, text: str | None) -> None:
        self.text = text
        self.read_often = 0
        self.down = False

    def read(self, name: str) -> Stored | None:
        assert name == NAME
        self.read_often += 1
        if self.down:
            raise DocumentsUnavailable("down")
        return None if self.text is None else Stored(name, 1, self.text)


class Venue:
    def __init__(self) -> None:
        self.clock = SettableClock(START_MS)
        market = TapeMarket(TAPE, seed=1, speed=1, start_ms=START_MS)
        self.house = open_house(market, faults("none", 1), seed=1, now_ms=START_MS)
        self.rest = Rest(self.house, Doorman(self.house.accounts), self.clock.now_ms)
        self.requests: list[str] = []
        self.redactor = Redactor()

    @property
    def credentials(self) -> Credentials:
        return self.house.accounts[0]

    def handle(self, request: Request) -> Response:
        self.requests.append(f"{request.method} {request.path}")
        return self.rest.handle(request)

    def keys(self, secret: Secret) -> StoredListenKeys:
        transport = VenueTransport(self.handle)
        return StoredListenKeys(MAIN, NAME, secret, "http://venue", self.clock, self.redactor, transport)


@pytest.fixture
def venue() -> Venue:
    return Venue()


def v3(given: Credentials) -> str:
    return json.dumps({"user": given.user, "agent_key": given.agent_key, "chain_id": 1666})


def v1_key_alone(given: Credentials) -> str:
    return json.dumps({"api_key": given.api_key})


def v1(given: Credentials) -> str:
    return json.dumps({"api_key": given.api_key, "secret": given.api_secret})


@pytest.mark.parametrize("document", [v3, v1, v1_key_alone])
def test_a_key_is_obtained_and_renewed(venue: Venue, document: Callable[[Credentials], str]) -> None:
    secret = Secret(document(venue.credentials))
    keys = venue.keys(secret)
    key = keys.obtain()
    assert venue.house.listen_keys.account_of(key, START_MS) == MAIN
    assert keys.renew() is True
    assert keys.obtain() == key
    assert secret.read_often == 1
    assert {request.split()[0] for request in venue.requests} == {"POST", "PUT"}


def test_a_key_that_the_venue_forgot_cannot_be_renewed_and_a_new_one_is_another(venue: Venue) -> None:
    keys = venue.keys(Secret(v3(venue.credentials)))
    first = keys.obtain()
    venue.house.listen_keys.expire(MAIN)
    assert keys.renew() is False
    assert keys.obtain() != first


def test_a_key_in_whose_place_somebody_else_made_another_is_not_renewed(venue: Venue) -> None:
    """The venue extends whichever key is active: our connection, on the old one, would stay up and say nothing."""
    keys = venue.keys(Secret(v3(venue.credentials)))
    first = keys.obtain()
    venue.house.listen_keys.close(MAIN, START_MS)
    other = venue.house.listen_keys.open(MAIN, START_MS)
    assert keys.renew() is False
    assert keys.obtain() == other != first
    assert keys.renew() is True


def test_neither_the_listen_key_nor_what_signs_for_it_is_ever_logged(venue: Venue) -> None:
    key = venue.keys(Secret(v3(venue.credentials))).obtain()
    line = venue.redactor.text(f"opening {key} with {venue.credentials.agent_key}")
    assert key not in line
    assert venue.credentials.agent_key not in line
    assert HIDDEN in line


def test_credentials_are_read_again_after_the_venue_refused_them(venue: Venue) -> None:
    right, wrong = v3(venue.credentials), json.dumps({"user": venue.credentials.user, "agent_key": "11" * 32})
    secret = Secret(wrong)
    keys = venue.keys(secret)
    with pytest.raises(VenueReadFailed):
        keys.obtain()
    secret.text = right
    assert keys.obtain()
    assert secret.read_often == 2


@pytest.mark.parametrize(
    "document",
    [
        None,
        "",
        "no json",
        "[]",
        "{}",
        '{"api_key":5}',
        '{"user":"0x1"}',
        '{"user":"0x1","agent_key":"cut off while copying"}',
        '{"api_key":"a","secret":"b","recv_window_ms":0}',
    ],
)
def test_credentials_that_are_missing_or_wrong_are_told_without_being_shown(venue: Venue, document: str | None) -> None:
    with pytest.raises(NoKeys, match="main"):
        venue.keys(Secret(document)).obtain()
    assert venue.requests == []


def test_a_store_that_does_not_answer_is_no_reason_to_fall_over(venue: Venue) -> None:
    secret = Secret(v3(venue.credentials))
    secret.down = True
    keys = venue.keys(secret)
    with pytest.raises(NoKeys, match="cannot be read"):
        keys.obtain()
    secret.down = False
    assert keys.obtain()
