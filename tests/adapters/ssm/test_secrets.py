"""Credentials are checked before they are stored, and shown by nothing."""

import json

import pytest

from undertow.adapters.ssm.parameters import Parameters
from undertow.adapters.ssm.secrets import SsmSecrets
from undertow.domain.ids import AccountId
from undertow.ports import BadDocument

MAIN = AccountId("main")
USER = "0x" + "1" * 40
AGENT = "0x" + "ab" * 20
KEY = "7" * 64
V3 = {"user": USER, "signer": AGENT, "agent_key": KEY, "chain_id": 1666}


def address_of(key: str) -> str:
    """Knows one key; the curve is the adapter's business, not the store's."""
    if set(key) == {"0"}:
        raise ValueError("zero is no private key")
    return AGENT if key.removeprefix("0x") == KEY else USER


@pytest.fixture
def secrets(parameters: Parameters) -> SsmSecrets:
    return SsmSecrets(parameters, "/undertow/test", address_of)


def test_an_agent_key_is_stored_in_the_form_that_signers_read(secrets: SsmSecrets) -> None:
    secrets.put(MAIN, json.dumps(V3))
    stored = secrets.get(MAIN)
    assert stored is not None
    assert json.loads(stored) == {"user": USER, "agent_key": KEY, "chain_id": 1666}
    assert secrets.known(MAIN)
    assert not secrets.known(AccountId("other"))


def test_the_chain_is_aster_unless_another_is_given(secrets: SsmSecrets) -> None:
    secrets.put(MAIN, json.dumps({"user": USER, "agent_key": KEY}))
    assert json.loads(secrets.get(MAIN) or "")["chain_id"] == 1666


@pytest.mark.parametrize("name", ["key", "api_key"])
def test_a_key_pair_may_be_given_by_either_name(secrets: SsmSecrets, name: str) -> None:
    secrets.put(MAIN, json.dumps({name: "k" * 64, "secret": "s" * 64}))
    assert json.loads(secrets.get(MAIN) or "") == {"api_key": "k" * 64, "secret": "s" * 64}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({**V3, "user": "0x123"}, "user"),
        ({**V3, "agent_key": "hunter2" * 9}, "agent_key"),
        ({**V3, "agent_key": "0" * 64}, "agent_key"),
        ({**V3, "agent_key": "8" * 64, "signer": USER}, "agent_key"),
        ({**V3, "chain_id": "1666"}, "chain_id"),
        ({**V3, "signer": "0x" + "9" * 40}, "signer"),
        ({**V3, "seed_phrase": "correct horse"}, "seed_phrase"),
        ({"user": USER}, "agent_key"),
        ({"key": "k" * 64}, "secret"),
        ({"key": "k" * 64, "secret": "short"}, "secret"),
        ({"key": "k" * 64, "secret": "with space inside"}, "secret"),
    ],
)
def test_bad_credentials_are_refused_without_showing_them(
    secrets: SsmSecrets, document: dict[str, object], field: str
) -> None:
    with pytest.raises(BadDocument) as refused:
        secrets.put(MAIN, json.dumps(document))
    assert [flaw.field for flaw in refused.value.flaws] == [field]
    text = str(refused.value)
    for name, value in document.items():
        if name in ("agent_key", "secret", "key", "seed_phrase"):
            assert str(value) not in text
    assert not secrets.known(MAIN)


def test_what_is_no_json_is_refused_without_showing_it(secrets: SsmSecrets) -> None:
    with pytest.raises(BadDocument) as refused:
        secrets.put(MAIN, KEY)
    assert KEY not in str(refused.value)


def test_the_name_of_an_account_cannot_lead_elsewhere(secrets: SsmSecrets) -> None:
    with pytest.raises(BadDocument):
        secrets.put(AccountId("../globals"), json.dumps(V3))


def test_a_key_without_its_secret_may_listen_and_not_trade(parameters: Parameters) -> None:
    alone = json.dumps({"api_key": "k" * 64})
    listening = SsmSecrets(parameters, "/undertow/test", address_of, listening=True)
    listening.put(MAIN, alone)
    trading = SsmSecrets(parameters, "/undertow/test", address_of)
    assert not trading.known(MAIN)
    with pytest.raises(BadDocument, match="secret"):
        trading.put(MAIN, alone)
