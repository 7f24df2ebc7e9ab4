"""What somebody reads who mistyped a name, is not signed in to AWS, or is at the wrong stage."""

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)
from tests.commands.conftest import CommandLine
from tests.services.world import World

from undertow.adapters.ssm.parameters import SsmParameters
from undertow.commands.aws_failure import aws_failure
from undertow.ports import DocumentsUnavailable, NoParameters


def refused(code: str, operation: str = "Query") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "because"}}, operation)


@pytest.mark.parametrize("error", [NoCredentialsError(), ProfileNotFound(profile="live"), UnauthorizedSSOTokenError()])
def test_without_credentials_it_says_how_to_get_some_and_nothing_of_globals(
    undertow: CommandLine, error: Exception
) -> None:
    class NotSignedIn:
        @property
        def console(self) -> None:
            """As the parameters' source does at its first read."""
            try:
                raise DocumentsUnavailable("the parameter store did not answer") from error
            except DocumentsUnavailable as unavailable:
                raise NoParameters("the parameters could not be read even once") from unavailable

    undertow.operator = NotSignedIn()  # type: ignore[assignment]
    assert undertow("status") == 1
    assert "there are no AWS credentials to sign with" in undertow.err
    assert "aws sso login" in undertow.err
    assert "globals" not in undertow.err


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            refused("ExpiredTokenException"),
            "AWS does not accept the credentials (ExpiredTokenException): sign in again",
        ),
        (refused("AccessDeniedException"), "the AWS credentials may not do this (Query): because"),
        (refused("ResourceNotFoundException", "PutItem"), "a table is not there (PutItem): is the stage deployed"),
        (refused("ThrottlingException"), "AWS refused: "),
        (EndpointConnectionError(endpoint_url="https://ssm.nowhere.amazonaws.com/"), "is AWS_REGION right"),
    ],
)
def test_what_aws_says_is_told_with_what_to_do(error: Exception, told: str) -> None:
    assert told in str(aws_failure(error))


def test_what_is_no_failure_of_aws_is_not_told_as_one() -> None:
    assert aws_failure(NoParameters("no globals were ever stored")) is None


def test_the_parameter_store_keeps_the_cause_of_its_silence() -> None:
    class Client:
        def get_parameter(self, **_: object) -> None:
            raise NoCredentialsError

    with pytest.raises(DocumentsUnavailable) as raised:
        SsmParameters(Client()).read("/undertow/paper/globals")  # type: ignore[arg-type]
    assert "aws sso login" in str(aws_failure(raised.value))


@pytest.mark.parametrize("arguments", [("--stage", "prod", "status"), ("--stage", "Live", "pause")])
def test_a_stage_that_is_not_there_is_refused_before_anything_is_asked(
    undertow: CommandLine, arguments: tuple[str, ...]
) -> None:
    assert undertow(*arguments) == 2
    assert undertow.err == f"there is no stage {arguments[1]}; there are: paper, live, local"
    assert undertow.opened == []


def test_a_stage_of_the_environment_is_looked_at_as_well(undertow: CommandLine) -> None:
    undertow.environment = {"UNDERTOW_STAGE": "lvie", "AWS_REGION": "eu-west-1"}
    assert undertow("flatten") == 2
    assert "there is no stage lvie" in undertow.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--strategy", "huntre"), "there is no strategy huntre; there are: hunter"),
        (("--session", "s-1"), "there is no session s-1: `undertow session list` shows them"),
    ],
)
def test_a_mistyped_name_does_not_look_like_one_without_positions(
    undertow: CommandLine, world: World, arguments: tuple[str, ...], told: str
) -> None:
    assert undertow("backfill-reserved-risk", *arguments, "--apply") == 4
    assert told in undertow.err
    assert undertow.out == ""


def test_sessions_of_a_mistyped_strategy_are_said_to_be_none_of_that_name(undertow: CommandLine) -> None:
    assert undertow("session", "list", "--strategy", "huntre") == 0
    assert "there are no sessions of strategy huntre" in undertow.out


def test_no_changes_cannot_be_asked_for(undertow: CommandLine) -> None:
    assert undertow("strategy", "changes", "hunter", "--last", "0") == 3
    assert undertow.err == "last: 0; allowed: a whole number from 1"


def test_a_strategy_that_is_not_there_is_told_without_words_of_the_api(undertow: CommandLine) -> None:
    assert undertow("preview", "huntre", "BTCUSDT") == 4
    assert "there is no strategy huntre; there are: hunter." in undertow.err
    assert "If-Match" not in undertow.err


def test_keys_of_an_account_that_the_globals_do_not_have_are_stored_and_told(undertow: CommandLine) -> None:
    keys = '{"user": "0x' + "ab" * 20 + '", "agent_key": "' + "8" * 64 + '"}'
    assert undertow("secrets", "put", "mian", stdin=keys) == 0
    assert undertow.err == "the globals have no account mian; they have: main"
    assert undertow("secrets", "put", "main", stdin=keys) == 0
    assert undertow.err == ""
