"""What a failure of AWS means to the person at the terminal, and what to do about it."""

from collections.abc import Iterator
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
)

_UNSIGNED: Final = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, ProfileNotFound, SSOError)
_NOT_ACCEPTED: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


def aws_failure(error: BaseException) -> str | None:
    """None where AWS is not the cause."""
    return next((_told(cause) for cause in _causes(error)), None)


def _causes(error: BaseException) -> Iterator[BotoCoreError | ClientError]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BotoCoreError | ClientError):
            yield cause
        cause = cause.__cause__


def _told(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, _UNSIGNED):
        return (
            f"there are no AWS credentials to sign with ({error}): sign in with `aws sso login`, or set AWS_PROFILE, "
            "or AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY"
        )
    if isinstance(error, EndpointConnectionError | HTTPClientError):
        return f"AWS cannot be reached ({error}): is AWS_REGION right, and the network there?"
    if not isinstance(error, ClientError):
        return f"AWS did not answer: {error}"
    found = error.response.get("Error", {})
    code, message = found.get("Code", ""), found.get("Message", "")
    if code in _NOT_ACCEPTED:
        return f"AWS does not accept the credentials ({code}): sign in again, and see that the clock is right"
    if code.startswith("AccessDenied"):
        return f"the AWS credentials may not do this ({error.operation_name}): {message}"
    if code == "ResourceNotFoundException":
        return (
            f"a table is not there ({error.operation_name}): is the stage deployed in this region, "
            "or is another stage or AWS_REGION meant?"
        )
    return f"AWS refused: {error}"
