"""Reading the Parameter Store without the SDK, for whoever reads parameters in a thread beside an event loop."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from undertow.adapters.aws.client import SSM, AwsFailed, AwsJson, AwsRefused
from undertow.adapters.ssm.parameters import Pin, Stored
from undertow.ports import DocumentsUnavailable

NAMES_PER_CALL: Final = 10
ANSWER_S: Final = 20.0
_NOT_THERE: Final = frozenset({"ParameterNotFound", "ParameterVersionNotFound"})


class AwsParameters:
    """The reading side of ``adapters.ssm.parameters``. Must be called from another thread than the loop's."""

    def __init__(self, aws: AwsJson, loop: asyncio.AbstractEventLoop) -> None:
        self._aws = aws
        self._loop = loop

    def read(self, name: str) -> Stored | None:
        try:
            answer = self._ask("GetParameter", {"Name": name, "WithDecryption": True})
        except AwsRefused as refused:
            if refused.code in _NOT_THERE:
                return None
            raise DocumentsUnavailable(f"the parameter store refused: {refused}") from refused
        return _stored(answer["Parameter"])

    def pinned(self, pins: Sequence[Pin]) -> Mapping[Pin, str]:
        found: dict[Pin, str] = {}
        for first in range(0, len(pins), NAMES_PER_CALL):
            names = [f"{pin.name}:{pin.version}" for pin in pins[first : first + NAMES_PER_CALL]]
            for parameter in self._asked("GetParameters", {"Names": names})["Parameters"]:
                found[Pin(parameter["Name"], parameter["Version"])] = parameter["Value"]
        return found

    def below(self, path: str) -> Sequence[Stored]:
        request: dict[str, Any] = {"Path": path, "Recursive": False, "WithDecryption": True}
        found: list[Stored] = []
        while True:
            page = self._asked("GetParametersByPath", request)
            found += [_stored(parameter) for parameter in page["Parameters"]]
            if not page.get("NextToken"):
                return found
            request["NextToken"] = page["NextToken"]

    def _asked(self, action: str, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._ask(action, request)
        except AwsRefused as refused:
            raise DocumentsUnavailable(f"the parameter store refused: {refused}") from refused

    def _ask(self, action: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Raises AwsRefused, and DocumentsUnavailable for everything else that is no answer."""
        asked = asyncio.run_coroutine_threadsafe(self._aws.call(SSM, action, request), self._loop)
        try:
            return asked.result(ANSWER_S)
        except AwsRefused:
            raise
        except (AwsFailed, TimeoutError) as error:
            asked.cancel()
            raise DocumentsUnavailable(f"the parameter store did not answer: {error}") from error


def _stored(parameter: Mapping[str, Any]) -> Stored:
    return Stored(parameter["Name"], parameter["Version"], parameter["Value"])
