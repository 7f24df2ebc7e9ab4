"""People of a user pool: only a token that the pool signed, for us, now, says who somebody is."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15

from undertow.adapters.cognito.keys import KeysUnavailable
from undertow.adapters.cognito.people import ASK_AGAIN_MS, Pool, PoolPeople
from undertow.adapters.cognito.rs256 import PublicKey, is_signed
from undertow.adapters.memory import SettableClock
from undertow.ports import Token
from undertow.services.callers import Callers

NOW_MS = 1_700_000_000_000
ARN = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEf123"
POOL = Pool.of(ARN, "client1", "paper")
KEY = RSA.generate(2048)
OTHER_KEY = RSA.generate(2048)
CLAIMS = {
    "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
    "token_use": "access",
    "client_id": "client1",
    "username": "anna",
    "cognito:groups": ["undertow-paper-read", "undertow-paper-pause", "staff", "undertow-live-write"],
    "iat": NOW_MS // 1000 - 60,
    "exp": NOW_MS // 1000 + 3_600,
}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def part(value: Mapping[str, Any]) -> str:
    return encoded(json.dumps(value).encode())


def jwt(head: Mapping[str, Any] | None = None, key: RSA.RsaKey = KEY, **claims: Any) -> str:
    given = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    signed = f"{part({'alg': 'RS256', 'kid': 'k1', **(head or {})})}.{part(given)}"
    return f"{signed}.{encoded(pkcs1_15.new(key).sign(SHA256.new(signed.encode())))}"


def listed(name: str = "k1", key: RSA.RsaKey = KEY, **fields: Any) -> dict[str, Any]:
    modulus = int(key.n).to_bytes((int(key.n).bit_length() + 7) // 8, "big")
    return {"kid": name, "kty": "RSA", "use": "sig", "alg": "RS256", "n": encoded(modulus), "e": "AQAB", **fields}


@dataclass
class KeysOfATest:
    text: str = field(default_factory=lambda: json.dumps({"keys": [listed()]}))
    asked: list[str] = field(default_factory=list)
    away: bool = False

    def __call__(self, address: str) -> str:
        self.asked.append(address)
        if self.away:
            raise KeysUnavailable("no answer")
        return self.text


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW_MS)


@pytest.fixture
def keys() -> KeysOfATest:
    return KeysOfATest()


@pytest.fixture
def people(keys: KeysOfATest, clock: SettableClock) -> PoolPeople:
    return PoolPeople(POOL, keys, clock)


def test_a_person_may_do_what_the_groups_of_this_stage_say(people: PoolPeople, keys: KeysOfATest) -> None:
    person = people.verify(jwt())
    assert person is not None
    assert (person.id, person.scopes) == ("user:anna", {"read", "pause"})
    assert person.expires_at_ms == NOW_MS + 3_600_000
    assert keys.asked == [CLAIMS["iss"] + "/.well-known/jwks.json"]  # type: ignore[operator]


def test_an_identity_token_names_its_client_and_its_person_otherwise(people: PoolPeople) -> None:
    token = jwt(token_use="id", client_id=None, aud="client1", username=None, **{"cognito:username": "ben"})
    person = people.verify(token)
    assert person is not None
    assert person.id == "user:ben"


@pytest.mark.parametrize(
    "token",
    [
        jwt(iss="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Elsewhere"),
        jwt(client_id="client2"),
        jwt(client_id=None),
        jwt(client_id=None, aud="client1"),
        jwt(token_use="refresh"),
        jwt(token_use=None),
        jwt(exp=NOW_MS // 1000),
        jwt(exp=None),
        jwt(exp="9999999999"),
        jwt(exp=10**12),
        jwt(iat=NOW_MS // 1000 + 120),
        jwt(iat=None),
        jwt(username="anna\nben"),
        jwt(username=7),
        jwt(username=None),
        jwt(key=OTHER_KEY),
        jwt({"alg": "none"}),
        jwt({"alg": "HS256"}),
        jwt({"alg": None}),
        jwt({"kid": "k2"}),
        jwt({"kid": 7}),
    ],
    ids=range(21),
)
def test_a_token_that_is_not_of_the_pool_for_us_and_now_is_nobodys(people: PoolPeople, token: str) -> None:
    assert people.verify(token) is None


def test_nothing_of_a_token_can_be_changed(people: PoolPeople) -> None:
    head, claims, signature = jwt().split(".")
    grown = part({**CLAIMS, "cognito:groups": ["undertow-paper-write"]})
    for changed in (
        f"{head}.{grown}.{signature}",
        f"{part({'alg': 'none', 'kid': 'k1'})}.{claims}.",
        f"{part({'alg': 'none', 'kid': 'k1'})}.{claims}.{signature}",
        f"{head}.{claims}.{signature[:-4]}AAAA",
        f"{head}.{claims}.{signature}AAAA",
        f"{head}.{claims}.",
        f"{head}.{claims}",
        f"{head}.{claims}.{signature}.{signature}",
        f"{head}.{claims}.{encoded(b'0' * 256)}",
        "a.b.c",
        "..",
        "",
    ):
        assert people.verify(changed) is None


@pytest.mark.parametrize("groups", [None, "undertow-paper-write", [], ["undertow-live-write"], ["write"], [7]])
def test_who_is_in_no_group_of_this_stage_may_do_nothing(people: PoolPeople, groups: object) -> None:
    person = people.verify(jwt(**{"cognito:groups": groups}))
    assert person is not None
    assert person.scopes == frozenset()


def test_the_keys_are_asked_for_once_and_again_for_a_new_one_but_not_for_every_made_up_name(
    people: PoolPeople, keys: KeysOfATest, clock: SettableClock
) -> None:
    for _ in range(3):
        people.verify(jwt())
    for number in range(5):
        assert people.verify(jwt({"kid": f"made-up-{number}"})) is None
    assert len(keys.asked) == 1
    keys.text = json.dumps({"keys": [listed("k2", OTHER_KEY)]})
    clock.advance(ASK_AGAIN_MS)
    assert people.verify(jwt({"kid": "k2"}, OTHER_KEY)) is not None
    assert people.verify(jwt()) is None


def test_without_the_keys_nothing_is_known_of_anybody(people: PoolPeople, keys: KeysOfATest) -> None:
    keys.away = True
    with pytest.raises(KeysUnavailable):
        people.verify(jwt())


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "not json",
        "{}",
        '{"keys": "x"}',
        '{"keys": [7, {}]}',
        json.dumps({"keys": [listed(kty="oct")]}),
        json.dumps({"keys": [listed(use="enc")]}),
        json.dumps({"keys": [listed(e="Aw")]}),
        json.dumps({"keys": [listed(n="AQAB")]}),
        json.dumps({"keys": [listed(n="!")]}),
    ],
)
def test_a_key_that_is_no_strong_signing_key_signs_nothing(people: PoolPeople, keys: KeysOfATest, text: str) -> None:
    keys.text = text
    assert people.verify(jwt()) is None


def test_a_signature_is_of_the_whole_text_and_of_the_right_length() -> None:
    signature = pkcs1_15.new(KEY).sign(SHA256.new(b"text"))
    key = PublicKey(int(KEY.n), int(KEY.e))
    assert is_signed("text", signature, key)
    assert not is_signed("texts", signature, key)
    assert not is_signed("text", b"\x00" + signature, key)
    assert not is_signed("text", int(KEY.n).to_bytes(256, "big"), key)


@pytest.mark.parametrize(("arn", "client"), [("", "c"), (ARN, ""), (ARN + "/x", "c"), ("eu-west-1_AbCdEf123", "c")])
def test_a_pool_is_named_in_full(arn: str, client: str) -> None:
    with pytest.raises(ValueError, match="user pool"):
        Pool.of(arn, client, "paper")


def test_each_kind_of_token_is_looked_up_where_it_belongs(people: PoolPeople, keys: KeysOfATest) -> None:
    ours = Token("abcdefgh", frozenset({"read"}), 0, 1, None)

    class Ours:
        def __init__(self) -> None:
            self.seen: list[str] = []

        def verify(self, text: str) -> Token | None:
            self.seen.append(text)
            return ours

    tokens = Ours()
    both = Callers(tokens, people)
    assert both.verify("ut_abcdefgh_x") is ours
    person = both.verify(jwt())
    assert person is not None
    assert person.id == "user:anna"
    assert tokens.seen == ["ut_abcdefgh_x"]
    assert Callers(tokens, None).verify(jwt()) is None
