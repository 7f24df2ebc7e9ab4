"""The Parameter Store itself, behind the few calls that are needed of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from undertow.ports import DocumentsUnavailable

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

MAX_BYTES: Final = 4_096
"""A standard parameter holds 4 KB; an advanced one 8 KB, but costs every month."""

_NAMES_PER_CALL: Final = 10
_NOT_THERE: Final = frozenset({"ParameterNotFound", "ParameterVersionNotFound"})


@dataclass(frozen=True, slots=True)
class Stored:
    name: str
    version: int
    value: str


@dataclass(frozen=True, slots=True)
class Pin:
    """One version of one parameter. What a pin leads to never changes."""

    name: str
    version: int


class ReadableParameters(Protocol):
    """Named texts whose versions are kept. All methods raise DocumentsUnavailable when the store does not answer."""

    def read(self, name: str) -> Stored | None: ...

    def pinned(self, pins: Sequence[Pin]) -> Mapping[Pin, str]:
        """The texts of ``pins``; those that do not exist are not in the answer."""
        ...

    def below(self, path: str) -> Sequence[Stored]:
        """Parameters exactly one level below ``path``."""
        ...


class Parameters(ReadableParameters, Protocol):
    def write(self, name: str, value: str) -> int:
        """The version that the text is stored as."""
        ...

    def write_secret(self, name: str, value: str) -> int: ...


@dataclass(frozen=True, slots=True)
class SsmParameters:
    """``key_id`` names the KMS key for secrets; None is the account's own key for the Parameter Store."""

    client: "SSMClient"
    key_id: str | None = None

    def read(self, name: str) -> Stored | None:
        with _answers():
            found = self._get(name)
        return None if found is None else Stored(name, found[0], found[1])

    def _get(self, name: str) -> tuple[int, str] | None:
        try:
            parameter = self.client.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                return None
            raise
        return parameter["Version"], parameter["Value"]

    def pinned(self, pins: Sequence[Pin]) -> Mapping[Pin, str]:
        found: dict[Pin, str] = {}
        for first in range(0, len(pins), _NAMES_PER_CALL):
            wanted = pins[first : first + _NAMES_PER_CALL]
            with _answers():
                answer = self.client.get_parameters(Names=[f"{pin.name}:{pin.version}" for pin in wanted])
            for parameter in answer["Parameters"]:
                found[Pin(parameter["Name"], parameter["Version"])] = parameter["Value"]
        return found

    def below(self, path: str) -> Sequence[Stored]:
        with _answers():
            pages = self.client.get_paginator("get_parameters_by_path").paginate(
                Path=path, Recursive=False, WithDecryption=True
            )
            return [
                Stored(parameter["Name"], parameter["Version"], parameter["Value"])
                for page in pages
                for parameter in page["Parameters"]
            ]

    def write(self, name: str, value: str) -> int:
        with _answers():
            return self.client.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)["Version"]

    def write_secret(self, name: str, value: str) -> int:
        with _answers():
            if self.key_id is None:
                answer = self.client.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
            else:
                answer = self.client.put_parameter(
                    Name=name, Value=value, Type="SecureString", Overwrite=True, KeyId=self.key_id
                )
            return answer["Version"]


@contextmanager
def _answers() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise DocumentsUnavailable(f"the parameter store did not answer: {error}") from error
