"""Switches, status, tokens and secrets from the terminal."""

import json

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from tests.commands.conftest import CommandLine
from tests.services.world import ACCOUNT, World

from undertow.domain.account import Heartbeat, Switch
from undertow.domain.ids import AccountId
from undertow.domain.outcome import Unconfirmed
from undertow.ports import DocumentsUnavailable


def switch(world: World) -> Switch:
    return world.desk.repositories.controls.get(ACCOUNT.id).switch


# --- switches -------------------------------------------------------------------------------------------------------


def test_a_pause_asks_nothing_and_says_what_it_did(undertow: CommandLine, world: World) -> None:
    assert undertow("pause", "--reason", "news", answers=[]) == 0
    assert undertow.out == "main (live) is paused, by terminal anna: news"
    assert switch(world) is Switch.PAUSED


def test_close_only_is_stricter_than_a_pause_and_a_pause_does_not_loosen_it(
    undertow: CommandLine, world: World
) -> None:
    assert undertow("pause") == 0
    assert undertow("close-only", "--account", "main") == 0
    assert undertow("pause") == 0
    assert switch(world) is Switch.CLOSE_ONLY


def test_a_resume_names_the_account_at_a_terminal(undertow: CommandLine, world: World) -> None:
    undertow("pause", "--reason", "news")
    assert undertow("resume", answers=["yes"]) == 1
    assert "paused by terminal anna: news" in undertow.terminal.questions[0]
    assert switch(world) is Switch.PAUSED
    assert undertow("resume", answers=["main"]) == 0
    assert switch(world) is Switch.RUNNING


def test_an_account_that_is_not_there_is_said_so_with_those_that_are(undertow: CommandLine) -> None:
    assert undertow("pause", "--account", "other") == 4
    assert undertow.err == "there is no account other; there are: main"


def test_flatten_shows_what_it_closes_and_wants_the_accounts_name(undertow: CommandLine, world: World) -> None:
    world.holding()
    assert undertow("flatten", answers=["y"]) == 1
    assert "BTCUSDT long 0.009 from 100001, notional 900.009 USDT" in undertow.out
    assert switch(world) is Switch.RUNNING
    assert undertow("flatten", answers=["main"]) == 0
    assert switch(world) is Switch.FLATTEN


def test_flatten_in_a_script_names_the_account_too(undertow: CommandLine, world: World) -> None:
    assert undertow("flatten") == 1
    assert undertow("flatten", "--confirm", "wrong") == 1
    assert switch(world) is Switch.RUNNING
    assert undertow("flatten", "--confirm", "main") == 0
    assert switch(world) is Switch.FLATTEN


# --- status ---------------------------------------------------------------------------------------------------------


def test_status_shows_positions_with_their_stops_and_whether_the_worker_lives(
    undertow: CommandLine, world: World
) -> None:
    world.holding()
    world.desk.repositories.heartbeats.put(
        Heartbeat(
            "w1", 3, world.clock.now_ms(), world.clock.now_ms(), None, None, 4, 9, 8, 0, 0, 2, window_covered=True
        )
    )
    world.clock.advance(5_000)
    assert undertow("status") == 0
    assert "main (live, aster): running, by test: by the test" in undertow.out
    position = next(line for line in undertow.out.splitlines() if line.startswith("BTCUSDT"))
    assert " ".join(position.split()) == "BTCUSDT long 0.009 100001 100500 4.49 99000.9 102001.1 for 5 s"
    assert "worker w1: heartbeat 5 s, market stream 5 s ago, account stream nothing yet" in undertow.out


def test_status_shouts_what_is_wrong(undertow: CommandLine, world: World) -> None:
    world.venue.answers = [lambda _: Unconfirmed("timeout")]
    entry = world.entered()
    assert undertow("status") == 0
    assert f"NO ANSWER: BTCUSDT entry {entry} is unconfirmed" in undertow.out
    assert "no stream worker has ever reported" in undertow.out


def test_status_is_there_for_programs_too(undertow: CommandLine) -> None:
    assert undertow("status", "--json") == 0
    assert json.loads(undertow.out)["account"]["accounts"][0]["id"] == "main"


# --- tokens ---------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_listed_without_its_secret(undertow: CommandLine) -> None:
    assert undertow("token", "create", "--scopes", "read,pause", "--days", "7") == 0
    text = next(line.strip() for line in undertow.out.splitlines() if line.strip().startswith("ut_"))
    assert undertow.operator.tokens.verify(text) is not None
    assert undertow("token", "list") == 0
    assert text not in undertow.out
    name = text.split("_")[1]
    assert undertow.out.splitlines()[1].split()[:2] == [name, "pause,read"]
    assert undertow("token", "revoke", name) == 0
    assert undertow.operator.tokens.verify(text) is None
    assert undertow("token", "list") == 0
    assert undertow.out.splitlines()[1].endswith("revoked")


def test_a_quiet_token_is_the_token_alone(undertow: CommandLine) -> None:
    assert undertow("token", "create", "--scope", "read,write", "--quiet") == 0
    assert undertow.operator.tokens.verify(undertow.out) is not None


def test_a_token_that_cannot_read_is_warned_about(undertow: CommandLine) -> None:
    assert undertow("token", "create", "--scope", "pause") == 0
    assert "shows nothing" in undertow.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--scopes", "admin"), "allowed: read, pause, write"),
        (("--scopes", ""), "allowed: read, pause, write"),
        (("--days", "0"), "a whole number from 1 to 365"),
        (("--days", "9999"), "a whole number from 1 to 365"),
    ],
)
def test_a_token_of_no_sense_is_refused(undertow: CommandLine, arguments: tuple[str, ...], told: str) -> None:
    assert undertow("token", "create", *arguments) == 3
    assert told in undertow.err
    assert list(undertow.operator.tokens.all()) == []


def test_revoking_a_token_that_is_not_there_says_so(undertow: CommandLine) -> None:
    assert undertow("token", "revoke", "aaaaaaaa") == 4
    assert undertow("token", "list") == 0
    assert undertow.out == "there are no tokens"


# --- secrets --------------------------------------------------------------------------------------------------------

KEY = "7" * 64
USER = "0x" + "1" * 40
AGENT = "0x" + "ab" * 20


def test_an_agent_key_is_typed_unseen(undertow: CommandLine) -> None:
    assert undertow("secrets", "put", "main", answers=["", USER, AGENT, KEY, ""]) == 0
    assert undertow.operator.secrets.known(AccountId("main"))
    assert "(hidden) Agent's private key: " in undertow.terminal.questions
    assert KEY not in undertow.out + undertow.err


def test_a_key_pair_is_typed_unseen(undertow: CommandLine) -> None:
    assert undertow("secrets", "put", "main", answers=["v1", "k" * 64, "s" * 64]) == 0
    assert [question.startswith("(hidden)") for question in undertow.terminal.questions[1:]] == [True, True]


def test_credentials_come_by_standard_input_in_a_script(undertow: CommandLine) -> None:
    assert undertow("secrets", "put", "main", stdin=json.dumps({"user": USER, "agent_key": KEY})) == 0
    assert undertow.operator.secrets.known(AccountId("main"))


@pytest.mark.parametrize("answers", [["v2"], ["", USER, AGENT, "short", ""], ["", USER, USER, KEY, ""], ["", USER]])
def test_bad_credentials_are_refused_and_never_shown(undertow: CommandLine, answers: list[str]) -> None:
    assert undertow("secrets", "put", "main", answers=answers) != 0
    assert not undertow.operator.secrets.known(AccountId("main"))
    assert KEY not in undertow.out + undertow.err


def test_what_the_worker_listens_with_lies_apart_and_needs_no_secret(undertow: CommandLine) -> None:
    assert undertow("secrets", "put", "main", "--stream", answers=["v1", "k" * 64]) == 0
    assert undertow.operator.stream_secrets.known(AccountId("main"))
    assert not undertow.operator.secrets.known(AccountId("main"))


def test_credentials_are_replaced_only_after_the_account_is_named(undertow: CommandLine) -> None:
    undertow("secrets", "put", "main", stdin=json.dumps({"user": USER, "agent_key": KEY}))
    assert undertow("secrets", "put", "main", answers=["no"]) == 1
    assert undertow("secrets", "put", "main", answers=["main", "v1", "k" * 64, "s" * 64]) == 0


def test_credentials_cannot_be_given_as_arguments(undertow: CommandLine, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        undertow("secrets", "put", "main", KEY)
    assert ended.value.code == 2


# --- the door -------------------------------------------------------------------------------------------------------


def test_the_stage_gives_the_names_that_follow_from_it(undertow: CommandLine) -> None:
    undertow.environment = {"AWS_DEFAULT_REGION": "ap-northeast-1"}
    assert undertow("--stage", "paper", "strategy", "list") == 0
    (env,) = undertow.opened
    assert (env["UNDERTOW_STAGE"], env["AWS_REGION"]) == ("paper", "ap-northeast-1")
    assert (env["UNDERTOW_TABLE_PREFIX"], env["UNDERTOW_SSM_PREFIX"]) == ("undertow-paper-", "/undertow/paper")


def test_names_of_one_stage_are_never_used_for_another(undertow: CommandLine) -> None:
    undertow.environment = {
        "UNDERTOW_STAGE": "paper",
        "UNDERTOW_TABLE_PREFIX": "mine-paper-",
        "UNDERTOW_SSM_PREFIX": "/mine/paper",
        "AWS_REGION": "eu-west-1",
    }
    undertow("strategy", "list")
    undertow("--stage", "live", "strategy", "list")
    assert [env["UNDERTOW_TABLE_PREFIX"] for env in undertow.opened] == ["mine-paper-", "undertow-live-"]
    assert [env["UNDERTOW_SSM_PREFIX"] for env in undertow.opened] == ["/mine/paper", "/undertow/live"]


@pytest.mark.parametrize(
    ("environment", "told"),
    [({"AWS_REGION": "eu-west-1"}, "say which stage"), ({"UNDERTOW_STAGE": "paper"}, "say which AWS region")],
)
def test_what_is_missing_is_named(undertow: CommandLine, environment: dict[str, str], told: str) -> None:
    undertow.environment = environment
    assert undertow("status") == 2
    assert told in undertow.err


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Query"),
        EndpointConnectionError(endpoint_url="http://nowhere"),
        DocumentsUnavailable("throttled"),
    ],
)
def test_a_cloud_that_does_not_answer_is_a_message_and_no_traceback(undertow: CommandLine, error: Exception) -> None:
    class Broken:
        @property
        def console(self) -> None:
            raise error

    undertow.operator = Broken()  # type: ignore[assignment]
    assert undertow("status") == 1
    assert undertow.err
    assert "Traceback" not in undertow.err


def test_an_interrupted_command_ends_as_one(undertow: CommandLine) -> None:
    class Interrupted:
        @property
        def console(self) -> None:
            raise KeyboardInterrupt

    undertow.operator = Interrupted()  # type: ignore[assignment]
    assert undertow("status") == 130
