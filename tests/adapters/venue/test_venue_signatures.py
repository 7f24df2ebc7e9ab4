"""Who is let in: the published vectors of both generations, and everything that must be turned away."""

import dataclasses

import pytest
from local.venue.authentication import Doorman
from local.venue.credentials import Credentials, credentials
from local.venue.http import Request
from local.venue.parameters import Parameters, parse_parameters

from undertow.adapters.paper.errors import ExchangeError
from undertow.domain.ids import AccountId

KEY = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"
SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
USER = "0x63DD5aCC6b1aa0f563956C0e534DD30B6dcF7C4e"
SIGNER = "0x21cF8Ae13Bb72632562c6Fff438652Ba1a151bb0"
AGENT_KEY = "0x4fd0a42218f3eae43a6ce26d22544e986139a01e5b34a62db53757ffca81bae1"
PUBLISHED = Credentials(AccountId("published"), KEY, SECRET, USER, "", SIGNER, AGENT_KEY)
V1_MS = 1591702613943
NONCE = 1748310859508867

ORDER = (
    "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943"
)
ORDER_MAC = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
MIXED_QUERY = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
MIXED_BODY = "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943"
MIXED_MAC = "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4"

A = f"symbol=ASTERUSDT&type=LIMIT&side=BUY&timeInForce=GTC&quantity=20&price=0.5&nonce={NONCE}&signer={SIGNER}"
A_1666 = (
    "0xd82a6784f5eff00b95ecb88145cf7a5fa6803ea6f67e0217262073da628750a7"
    "42bb3ba555af418320e55029afe358957808d4f810d73ea663d9c91852cd6d941c"
)
A_714 = (
    "0x798abbc1eb6244bdf530e3890383494679aecf574a0d65cd79ed48b151df2e18"
    "2cafc9a2b055701c9c0dbc091898f6c3eae29307ca554f3ab97c8b860de35bef1c"
)
B = A.replace("&signer=", f"&user={USER}&signer=")
B_1666 = (
    "0x0a56c5923ebf3524475c5f631940ec4c0e41dbd300ad28198d1915d8f3ca49ce"
    "26fd1aeb8b0c3079133595da0de38322ae7e860e0c76d032c4a491d27c1430b01c"
)
C = (
    "batchOrders=%5B%7B%22symbol%22%3A%22ASTERUSDT%22%2C%22type%22%3A%22LIMIT%22%2C%22side%22%3A%22BUY%22%2C%22timeInForce"
    "%22%3A%22GTC%22%2C%22quantity%22%3A%2220%22%2C%22price%22%3A%220.5%22%7D%5D"
    f"&nonce={NONCE}&signer={SIGNER}"
)
C_1666 = (
    "0xf32365bba3611795b653750c73f947da1df0166b206677cc85a5e42169b576c3"
    "6b7e0f6e1c9e7414d5ed75401fb7b9f1050d1424add56692ea4173e2f51cc7461c"
)


def enter(doorman: Doorman, request: Request, now_ms: int) -> Credentials:
    return doorman.by_signature(request, Parameters(parse_parameters(request.query, request.body)), now_ms)


def v1(query: str = "", body: str = "", key: str = KEY, path: str = "/fapi/v1/order") -> Request:
    return Request("POST", path, query, body, {"x-mbx-apikey": key})


def v3(text: str, signature: str) -> Request:
    return Request("POST", "/fapi/v3/order", body=f"{text}&signature={signature}")


@pytest.fixture
def doorman() -> Doorman:
    return Doorman([PUBLISHED])


@pytest.mark.parametrize(
    "request_",
    [
        v1(query=f"{ORDER}&signature={ORDER_MAC}"),
        v1(body=f"{ORDER}&signature={ORDER_MAC}"),
        v1(body=f"{ORDER}&signature={ORDER_MAC.upper()}"),
        v1(query=MIXED_QUERY, body=f"{MIXED_BODY}&signature={MIXED_MAC}"),
    ],
)
def test_the_published_v1_examples_are_let_in(doorman, request_):
    assert enter(doorman, request_, V1_MS) is PUBLISHED


@pytest.mark.parametrize(
    ("request_", "now_ms", "code"),
    [
        (v1(query=f"{ORDER.replace('9000', '9001')}&signature={ORDER_MAC}"), V1_MS, -1022),
        (v1(query=MIXED_QUERY, body=f"{MIXED_BODY}&signature={ORDER_MAC}"), V1_MS, -1022),
        (v1(query=f"signature={ORDER_MAC}&{ORDER}"), V1_MS, -1022),
        (v1(query=ORDER), V1_MS, -1102),
        (v1(query=f"{ORDER}&signature={ORDER_MAC}", key="x" * 64), V1_MS, -2015),
        (v1(query=f"{ORDER}&signature={ORDER_MAC}", key=""), V1_MS, -2014),
        (v1(query=f"{ORDER}&signature={ORDER_MAC}", path="/fapi/v3/order"), V1_MS, -2015),
        (v1(query=f"{ORDER}&signature={ORDER_MAC}"), V1_MS + 5_001, -1021),
        (v1(query=f"{ORDER}&signature={ORDER_MAC}"), V1_MS - 1_000, -1021),
        (v1(query=f"{ORDER.replace('=5000', '=60001')}&signature={ORDER_MAC}"), V1_MS, -1021),
    ],
)
def test_a_v1_request_is_turned_away(doorman, request_, now_ms, code):
    with pytest.raises(ExchangeError) as refusal:
        enter(doorman, request_, now_ms)
    assert refusal.value.code == code


@pytest.mark.parametrize("edge_ms", [V1_MS + 5_000, V1_MS - 999])
def test_the_v1_window_is_open_at_its_edges(doorman, edge_ms):
    assert enter(doorman, v1(query=f"{ORDER}&signature={ORDER_MAC}"), edge_ms) is PUBLISHED


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        (A, A_1666),
        (A, A_1666[2:]),
        (A, A_1666[:2] + A_1666[2:].upper()),
        (B, B_1666),
        (C, C_1666),
    ],
)
def test_the_published_v3_vectors_are_let_in(doorman, text, signature):
    assert enter(doorman, v3(text, signature), NONCE // 1000) is PUBLISHED


def test_the_testnet_signature_belongs_to_the_testnet_only(doorman):
    testnet = Doorman([PUBLISHED], chain_id=714)
    assert enter(testnet, v3(A, A_714), NONCE // 1000) is PUBLISHED
    for keeper, signature in ((doorman, A_714), (testnet, A_1666)):
        with pytest.raises(ExchangeError, match="Signature check failed"):
            enter(keeper, v3(A, signature), NONCE // 1000)


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        (A.replace("price=0.5", "price=0.6"), A_1666),
        (A.replace("type=LIMIT&side=BUY", "side=BUY&type=LIMIT"), A_1666),
        (A, f"{A_1666[:-3]}51c"),
        (A, f"{A_1666[:-2]}1b"),
        (A, f"{A_1666[:-2]}99"),
        (A, "0x1234"),
        (A, "not hexadecimal"),
        (A, "0x" + "00" * 65),
    ],
)
def test_a_v3_request_with_anything_changed_is_turned_away(doorman, text, signature):
    with pytest.raises(ExchangeError) as refusal:
        enter(doorman, v3(text, signature), NONCE // 1000)
    assert (refusal.value.code, refusal.value.message) == (-1000, "Signature check failed")


def test_parameters_outside_of_the_signed_text_are_turned_away(doorman):
    request = dataclasses.replace(v3(A, A_1666), query="reduceOnly=true")
    with pytest.raises(ExchangeError, match="Signature check failed"):
        enter(doorman, request, NONCE // 1000)


def test_a_signer_nobody_approved_is_turned_away():
    stranger = Doorman([credentials("main", 1)])
    with pytest.raises(ExchangeError, match="-1002"):
        enter(stranger, v3(A, A_1666), NONCE // 1000)


def test_an_agent_does_not_act_for_another_wallet(sign):
    ours, theirs = credentials("ours", 1), credentials("theirs", 1)
    text = f"nonce={NONCE}&user={theirs.user}&signer={ours.signer}"
    with pytest.raises(ExchangeError, match="-1002"):
        enter(Doorman([ours, theirs]), v3(text, sign(text, ours.agent_key)), NONCE // 1000)


def test_a_wallet_may_sign_for_itself(sign):
    ours = credentials("ours", 1)
    text = f"nonce={NONCE}&user={ours.user.lower()}&signer={ours.user}"
    assert enter(Doorman([ours]), v3(text, sign(text, ours.user_key)), NONCE // 1000) is ours


@pytest.mark.parametrize("off_ms", [-10_001, 10_001])
def test_a_nonce_outside_the_window_is_turned_away(doorman, off_ms):
    with pytest.raises(ExchangeError, match="-4225"):
        enter(doorman, v3(A, A_1666), NONCE // 1000 + off_ms)


def test_a_nonce_is_spent_once(doorman):
    enter(doorman, v3(A, A_1666), NONCE // 1000)
    for text, signature in ((A, A_1666), (B, B_1666)):
        with pytest.raises(ExchangeError, match="-4225"):
            enter(doorman, v3(text, signature), NONCE // 1000)


def test_the_newest_hundred_nonces_are_kept_and_older_ones_are_refused(sign):
    ours = credentials("ours", 1)
    keeper = Doorman([ours])

    def spend(nonce: int) -> None:
        text = f"nonce={nonce}&signer={ours.signer}"
        enter(keeper, v3(text, sign(text, ours.agent_key)), NONCE // 1000)

    for nonce in range(NONCE + 100, NONCE + 200):
        spend(nonce)
    with pytest.raises(ExchangeError, match="-4225"):
        spend(NONCE + 99)
    spend(NONCE + 300)
    # The oldest of the hundred has made room: being older than the rest it is refused all the same.
    with pytest.raises(ExchangeError, match="-4225"):
        spend(NONCE + 100)


def test_a_refused_signature_spends_no_nonce(doorman):
    with pytest.raises(ExchangeError, match="Signature"):
        enter(doorman, v3(A, A_714), NONCE // 1000)
    assert enter(doorman, v3(A, A_1666), NONCE // 1000) is PUBLISHED
