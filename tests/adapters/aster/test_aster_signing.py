import hmac
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from undertow.adapters.aster.signing import (
    MAINNET_CHAIN_ID,
    SECURITY,
    TESTNET_CHAIN_ID,
    AgentKeyAuth,
    ApiKeyAuth,
    NoCredentials,
    Nonces,
    Security,
    address_of,
    domain_separator,
    eip712_digest,
    recover_public_key,
    struct_hash,
)

AGENT_KEY = "0x4fd0a42218f3eae43a6ce26d22544e986139a01e5b34a62db53757ffca81bae1"
SIGNER = "0x21cF8Ae13Bb72632562c6Fff438652Ba1a151bb0"
USER = "0x63DD5aCC6b1aa0f563956C0e534DD30B6dcF7C4e"
NONCE_US = 1_748_310_859_508_867

ORDER = "symbol=ASTERUSDT&type=LIMIT&side=BUY&timeInForce=GTC&quantity=20&price=0.5"
MESSAGE_A = f"{ORDER}&nonce={NONCE_US}&signer={SIGNER}"
MESSAGE_B = f"{ORDER}&nonce={NONCE_US}&user={USER}&signer={SIGNER}"
MESSAGE_C = (
    "batchOrders=%5B%7B%22symbol%22%3A%22ASTERUSDT%22%2C%22type%22%3A%22LIMIT%22%2C%22side%22%3A%22BUY%22%2C"
    "%22timeInForce%22%3A%22GTC%22%2C%22quantity%22%3A%2220%22%2C%22price%22%3A%220.5%22%7D%5D"
    f"&nonce={NONCE_US}&signer={SIGNER}"
)
VECTORS = [
    pytest.param(
        MESSAGE_A,
        MAINNET_CHAIN_ID,
        "ed6fe2804fb7a74d857c73d838ce3722b0f44d2c023c24bca0acb2bdf0d56267",
        "0xd82a6784f5eff00b95ecb88145cf7a5fa6803ea6f67e0217262073da628750a742bb3ba555af418320e55029afe358957808d4f810d73ea"
        "663d9c91852cd6d941c",
        id="A on mainnet",
    ),
    pytest.param(
        MESSAGE_A,
        TESTNET_CHAIN_ID,
        "9dcd200534ea4cd58f431d0445a26170e5d4c436e4f0e30317cbe98916285c58",
        "0x798abbc1eb6244bdf530e3890383494679aecf574a0d65cd79ed48b151df2e182cafc9a2b055701c9c0dbc091898f6c3eae29307ca554f3"
        "ab97c8b860de35bef1c",
        id="A on testnet",
    ),
    pytest.param(
        MESSAGE_B,
        MAINNET_CHAIN_ID,
        "214122039b686e20a15baab91d368d354cf8c88067cb8b0e96e9018d8b08a625",
        "0x0a56c5923ebf3524475c5f631940ec4c0e41dbd300ad28198d1915d8f3ca49ce26fd1aeb8b0c3079133595da0de38322ae7e860e0c76d03"
        "2c4a491d27c1430b01c",
        id="B with the user",
    ),
    pytest.param(
        MESSAGE_C,
        MAINNET_CHAIN_ID,
        None,
        "0xf32365bba3611795b653750c73f947da1df0166b206677cc85a5e42169b576c36b7e0f6e1c9e7414d5ed75401fb7b9f1050d1424add5669"
        "2ea4173e2f51cc7461c",
        id="C a batch",
    ),
]

API_KEY = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"
SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"


def agent(chain_id: int = MAINNET_CHAIN_ID, now_ms: int = 1_748_310_859_508) -> AgentKeyAuth:
    return AgentKeyAuth(USER, AGENT_KEY, Nonces(lambda: now_ms, lane=867), chain_id)


def api_key() -> ApiKeyAuth:
    return ApiKeyAuth(API_KEY, SECRET, lambda: 1_591_702_613_943)


def after_auth(auth: httpx.Auth, request: httpx.Request) -> httpx.Request:
    return next(auth.auth_flow(request))


def request(method: str, parameters: str, security: Security | None = Security.SIGNED) -> httpx.Request:
    extensions = {} if security is None else {SECURITY: security}
    url = "https://venue.test/fapi/v3/order"
    if method == "GET":
        return httpx.Request("GET", f"{url}?{parameters}" if parameters else url, extensions=extensions)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return httpx.Request(method, url, content=parameters.encode(), headers=headers, extensions=extensions)


# --- EIP-712 ---------------------------------------------------------------------------------------------------------


def test_domain_separators_are_the_published_ones() -> None:
    assert domain_separator(1666).hex() == "a95d0a7a6f3f17fcebb0c2336645385ce79cde7523f71ab147fdb7f15e9f37f9"
    assert domain_separator(714).hex() == "fad01b07bed5729a04dbb977fd86da612eba71d668660bf12cf10b3d65b74d94"


def test_struct_hash_of_vector_a_is_the_published_one() -> None:
    assert struct_hash(MESSAGE_A.encode()).hex() == "fda3c00f7da2bede0ed7f9362bda29d068cf3c41eee370fceb6cde0ec623b8fc"


@pytest.mark.parametrize(("message", "chain_id", "digest", "signature"), VECTORS)
def test_digest_and_signature_are_the_published_ones(
    message: str, chain_id: int, digest: str | None, signature: str
) -> None:
    if digest is not None:
        assert eip712_digest(message.encode(), chain_id).hex() == digest
    assert agent(chain_id).signature(message) == signature


def recovered(digest: bytes, signature: bytes) -> str:
    return address_of(recover_public_key(digest, signature))


@pytest.mark.parametrize(("message", "chain_id", "digest", "signature"), VECTORS)
def test_the_signer_is_recovered_from_a_signature(
    message: str, chain_id: int, digest: str | None, signature: str
) -> None:
    raw = bytes.fromhex(signature[2:])
    assert recovered(eip712_digest(message.encode(), chain_id), raw) == SIGNER


def test_one_changed_byte_recovers_another_address() -> None:
    raw = bytes.fromhex(agent().signature(MESSAGE_A)[2:])
    assert recovered(eip712_digest(MESSAGE_A.encode() + b"0", 1666), raw) != SIGNER


@pytest.mark.parametrize("signature", [b"", b"\x01" * 64, b"\x01" * 64 + b"\x05", b"\x00" * 64 + b"\x1b", b"\xff" * 65])
def test_bytes_that_are_no_signature_are_a_value_error(signature: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the text is ours or the curve library's
        recover_public_key(bytes(32), signature)


# --- V3 --------------------------------------------------------------------------------------------------------------


def test_the_agent_appends_nonce_user_signer_and_signature_in_this_order() -> None:
    signature = agent().signature(MESSAGE_B)
    assert agent().signed(ORDER) == f"{MESSAGE_B}&signature={signature}"


def test_a_signed_get_carries_exactly_the_signed_bytes_in_its_query() -> None:
    sent = after_auth(agent(), request("GET", "symbol=%E5%B8%81USDT&limit=5"))
    message, _, signature = sent.url.query.decode().rpartition("&signature=")
    assert message == f"symbol=%E5%B8%81USDT&limit=5&nonce={NONCE_US}&user={USER}&signer={SIGNER}"
    assert sent.url.raw_path.endswith(sent.url.query)
    assert recovered(eip712_digest(message.encode(), 1666), bytes.fromhex(signature[2:])) == SIGNER


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_carry_the_signed_bytes_in_a_form_body_of_the_right_length(method: str) -> None:
    sent = after_auth(agent(), request(method, ORDER))
    assert sent.content.decode() == agent().signed(ORDER)
    assert sent.headers["content-length"] == str(len(sent.content))
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"
    assert sent.url.query == b""


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_without_parameters_signs_from_the_nonce_on(method: str) -> None:
    sent = after_auth(agent(), request(method, ""))
    text = (sent.url.query if method == "GET" else sent.content).decode()
    assert text.startswith(f"nonce={NONCE_US}&user=")


@pytest.mark.parametrize("security", [None, Security.NONE, Security.KEY])
def test_the_agent_leaves_public_requests_as_they_are(security: Security | None) -> None:
    sent = after_auth(agent(), request("GET", "symbol=BTCUSDT", security))
    assert sent.url.query == b"symbol=BTCUSDT"


def test_credentials_are_not_shown() -> None:
    assert AGENT_KEY[2:] not in repr(agent())
    assert repr(agent()) == f"AgentKeyAuth(user={USER}, signer={SIGNER})"
    assert SECRET not in repr(api_key())
    assert API_KEY not in repr(api_key())


@pytest.mark.parametrize("key", ["", "0x12", "zz" * 32, "00" * 32, "ff" * 32])
def test_a_bad_agent_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match="agent key is not") as raised:
        AgentKeyAuth(USER, key, Nonces(lambda: 0))
    assert raised.value.__cause__ is None
    assert "zz" not in str(raised.value)


# --- nonces ----------------------------------------------------------------------------------------------------------


def test_nonces_are_microseconds_of_the_given_clock() -> None:
    assert Nonces(lambda: 1_748_310_859_508, lane=867).allocate() == NONCE_US


def test_nonces_grow_within_one_millisecond_and_when_the_clock_steps_back() -> None:
    times_ms = iter([1000, 1000, 400, 2000])
    nonces = Nonces(lambda: next(times_ms))
    assert [nonces.allocate() for _ in range(4)] == [1_000_000, 1_000_001, 1_000_002, 2_000_000]


def test_lanes_keep_processes_apart_within_a_millisecond() -> None:
    assert Nonces(lambda: 5, lane=1).allocate() != Nonces(lambda: 5, lane=2).allocate()
    with pytest.raises(ValueError, match="lane"):
        Nonces(lambda: 5, lane=1000)


def test_nonces_are_unique_among_threads() -> None:
    nonces = Nonces(lambda: 7)
    with ThreadPoolExecutor(8) as pool:
        allocated = list(pool.map(lambda _: nonces.allocate(), range(4000)))
    assert len(set(allocated)) == 4000


# --- V1 --------------------------------------------------------------------------------------------------------------


def test_v1_signature_of_the_published_order() -> None:
    unsigned = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
    text = f"{unsigned}&recvWindow=5000&timestamp=1591702613943"
    signature = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
    assert api_key().signature(text) == signature
    assert api_key().signed(unsigned) == f"{text}&signature={signature}"


def test_v1_signature_joins_query_and_body_without_a_separator() -> None:
    query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
    body = "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943"
    expected = "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4"
    assert api_key().signature(query + body) == expected


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_v1_signs_the_sent_bytes_and_sends_the_key_header(method: str) -> None:
    sent = after_auth(api_key(), request(method, "symbol=BTCUSDT"))
    text = (sent.url.query if method == "GET" else sent.content).decode()
    message, _, signature = text.rpartition("&signature=")
    assert message == "symbol=BTCUSDT&recvWindow=5000&timestamp=1591702613943"
    assert signature == hmac.new(SECRET.encode(), message.encode(), "sha256").hexdigest()
    assert sent.headers["x-mbx-apikey"] == API_KEY


def test_v1_sends_only_the_header_where_only_the_key_is_wanted() -> None:
    sent = after_auth(api_key(), request("POST", "", Security.KEY))
    assert sent.headers["x-mbx-apikey"] == API_KEY
    assert sent.content == b""


def test_v1_keeps_the_key_from_public_requests() -> None:
    assert "x-mbx-apikey" not in after_auth(api_key(), request("GET", "symbol=BTCUSDT", Security.NONE)).headers


@pytest.mark.parametrize("recv_window_ms", [0, 60_001])
def test_a_receive_window_beyond_the_venues_is_refused(recv_window_ms: int) -> None:
    with pytest.raises(ValueError, match="recv_window_ms"):
        ApiKeyAuth("k", "s", lambda: 0, recv_window_ms)


def test_without_credentials_requests_stay_as_they_are() -> None:
    sent = after_auth(NoCredentials(), request("GET", "symbol=BTCUSDT"))
    assert sent.url.query == b"symbol=BTCUSDT"
