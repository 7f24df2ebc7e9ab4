"""A token lets in whoever holds it, until it expires or is revoked; the store lets in nobody."""

import pytest

from undertow.adapters.memory import SettableClock
from undertow.adapters.ssm.parameters import Parameters
from undertow.adapters.ssm.tokens import DAY_MS, ForeignToken, SsmTokens

PREFIX = "/undertow/test"


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(1_700_000_000_000)


@pytest.fixture
def tokens(parameters: Parameters, clock: SettableClock) -> SsmTokens:
    return SsmTokens(parameters, PREFIX, clock)


def test_a_token_is_verified_with_its_scopes(tokens: SsmTokens) -> None:
    token, text = tokens.create(frozenset({"read", "pause"}), days=7)
    assert tokens.verify(text) == token
    assert token.scopes == {"read", "pause"}


def test_the_secret_is_nowhere_in_the_store(tokens: SsmTokens, parameters: Parameters) -> None:
    token, text = tokens.create(frozenset({"read"}), days=7)
    stored = parameters.read(f"{PREFIX}/tokens/{token.id}")
    assert stored is not None
    secret = text.split("_", 2)[2]
    assert len(secret) == 43
    assert secret not in stored.value


def test_two_tokens_have_nothing_in_common(tokens: SsmTokens) -> None:
    texts = {tokens.create(frozenset({"read"}), days=1)[1] for _ in range(20)}
    assert len(texts) == 20


@pytest.mark.parametrize(
    "presented",
    ["", "ut_", "hello", "ut_aaaaaaaa_" + "a" * 43, "ut_AAAAAAAA_" + "a" * 43, "ut_../../x_" + "a" * 43, "é" * 60],
)
def test_what_is_no_token_of_ours_is_not_verified(tokens: SsmTokens, presented: str) -> None:
    assert tokens.verify(presented) is None


def test_one_wrong_letter_is_not_verified(tokens: SsmTokens) -> None:
    _, text = tokens.create(frozenset({"read"}), days=7)
    wrong = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert tokens.verify(wrong) is None
    assert tokens.verify(text + " ") is None
    assert tokens.verify(text + "\n") is None


def test_the_secret_of_one_token_does_not_open_another(tokens: SsmTokens) -> None:
    one, _ = tokens.create(frozenset({"write"}), days=7)
    _, other = tokens.create(frozenset({"read"}), days=7)
    assert tokens.verify(f"ut_{one.id}_{other.split('_', 2)[2]}") is None


def test_a_token_expires_to_the_millisecond(tokens: SsmTokens, clock: SettableClock) -> None:
    _, text = tokens.create(frozenset({"read"}), days=1)
    clock.advance(DAY_MS - 1)
    assert tokens.verify(text) is not None
    clock.advance(1)
    assert tokens.verify(text) is None


def test_a_revoked_token_is_kept_and_opens_nothing(tokens: SsmTokens, clock: SettableClock) -> None:
    token, text = tokens.create(frozenset({"read"}), days=1)
    revoked = tokens.revoke(token.id)
    assert revoked is not None
    clock.advance(5)
    assert tokens.revoke(token.id) == revoked, "the first time stays"
    assert tokens.verify(text) is None
    assert [found.revoked_at_ms for found in tokens.all()] == [revoked.revoked_at_ms]


@pytest.mark.parametrize("name", ["aaaaaaaa", "../globals", ""])
def test_revoking_what_is_not_there_says_so(tokens: SsmTokens, name: str) -> None:
    assert tokens.revoke(name) is None


def test_tokens_are_listed_oldest_first(tokens: SsmTokens, clock: SettableClock) -> None:
    first, _ = tokens.create(frozenset({"read"}), days=1)
    clock.advance(1)
    second, _ = tokens.create(frozenset({"write"}), days=1)
    assert list(tokens.all()) == [first, second]


@pytest.mark.parametrize("text", ["", "{}", '{"scopes": "read", "digest": "x"}', '{"scopes": [], "digest": 1}'])
def test_a_foreign_text_under_a_tokens_name_is_an_error_and_never_a_way_in(
    tokens: SsmTokens, parameters: Parameters, text: str
) -> None:
    if not text:
        text = "no JSON"
    parameters.write(f"{PREFIX}/tokens/aaaaaaaa", text)
    with pytest.raises(ForeignToken):
        tokens.verify("ut_aaaaaaaa_" + "a" * 43)
