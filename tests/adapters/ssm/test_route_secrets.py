"""Secrets of routes are taken only whole and of the right kind, and no error shows one."""

import pytest

from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.route_secrets import SsmRouteSecrets
from undertow.ports import BadDocument

TOKEN = "123456:AAF-secret_token_of_a_bot_0123456789"
GOOD = {
    "telegram": {"bot_token": TOKEN, "chat_id": "-100200"},
    "discord": {"url": "https://discord.com/api/webhooks/1/secret"},
    "webhook": {"url": "https://robot.example/alerts", "secret": "a-secret-that-signs"},
    "dead-man": {"url": "https://watch.example/ping/id"},
}


@pytest.fixture
def secrets() -> SsmRouteSecrets:
    return SsmRouteSecrets(MemoryParameters(), "/undertow/test")


@pytest.mark.parametrize("kind", GOOD)
def test_a_secret_comes_back_as_it_was_stored(secrets: SsmRouteSecrets, kind: str) -> None:
    secrets.put("one", kind, GOOD[kind])
    assert secrets.get("one", kind) == GOOD[kind]
    assert secrets.get("other", kind) is None


def test_a_secret_of_another_kind_of_route_is_none(secrets: SsmRouteSecrets) -> None:
    secrets.put("one", "discord", GOOD["discord"])
    assert secrets.get("one", "telegram") is None
    assert secrets.get("one", "webhook") is None


def test_a_secret_that_somebody_else_wrote_is_none(secrets: SsmRouteSecrets) -> None:
    secrets.parameters.write_secret("/undertow/test/route-secrets/one", "not json")
    assert secrets.get("one", "discord") is None


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("telegram", {"bot_token": "tooshort-but-secret", "chat_id": "1"}),
        ("telegram", {"bot_token": TOKEN}),
        ("discord", {"url": "http://discord.com/secret"}),
        ("discord", {"url": "https://discord.com/secret", "more": "secret"}),
        ("webhook", {"url": "https://robot.example/secret", "secret": "secret"}),
        ("webhook", {"url": "file:///secret/secret", "secret": "secret-secret-secret"}),
    ],
)
def test_what_cannot_be_used_is_refused_without_being_shown(
    secrets: SsmRouteSecrets, kind: str, fields: dict[str, str]
) -> None:
    with pytest.raises(BadDocument) as refused:
        secrets.put("one", kind, fields)
    assert all(flaw.value == "(not shown)" for flaw in refused.value.flaws)
    assert secrets.get("one", kind) is None


@pytest.mark.parametrize(("name", "kind"), [("../tokens/x", "discord"), ("one", "sns"), ("one", "pigeon")])
def test_a_name_or_a_kind_that_is_none_is_refused(secrets: SsmRouteSecrets, name: str, kind: str) -> None:
    with pytest.raises(BadDocument):
        secrets.put(name, kind, GOOD["discord"])
