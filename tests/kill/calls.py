"""Every call that leaves the process, as it leaves and as it comes back: recorded, or the place where it dies.

Calls are seen at the two edges there are, the HTTP transport to the venue and the AWS SDK. Nobody lists them: a call
that the code learns to make tomorrow is found by the next recording. Death is SIGKILL to oneself: no handler, no
``finally``, no flushed buffer.
"""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx

MOST_HITS: Final = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Right before the ``hit``-th call of this name leaves, or right after its answer came and nobody has read it.

    ``call`` may hold ``*`` for any text.
    """

    call: str
    hit: int = 1
    after: bool = False

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.call} #{self.hit}"


@dataclass(slots=True)
class Calls:
    """``made`` has a call's name for each time it was made, in order."""

    fatal: Place | None = None
    made: list[str] = field(default_factory=list)
    _hits: int = 0

    def leaves(self, name: str) -> None:
        self.made.append(name)
        if self._is_fatal(name):
            self._hits += 1
            self._may_die(after=False)

    def is_answered(self, name: str) -> None:
        if self._is_fatal(name):
            self._may_die(after=True)

    def _is_fatal(self, name: str) -> bool:
        return self.fatal is not None and fnmatchcase(name, self.fatal.call)

    def _may_die(self, *, after: bool) -> None:
        if self.fatal is not None and (self._hits, after) == (self.fatal.hit, self.fatal.after):
            os.kill(os.getpid(), signal.SIGKILL)


class WatchedTransport(httpx.HTTPTransport):
    """Calls to the venue: ``POST order s`` is the placing of a stop, by the letter of its client order id."""

    def __init__(self, calls: Calls, local_address: str | None) -> None:
        super().__init__(local_address=local_address)
        self._calls = calls

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        name = _name_of_request(request)
        self._calls.leaves(name)
        response = super().handle_request(request)
        response.read()
        self._calls.is_answered(name)
        return response


def _name_of_request(request: httpx.Request) -> str:
    given = parse_qs(request.url.query.decode() or request.content.decode())
    ids = given.get("newClientOrderId") or given.get("origClientOrderId") or [""]
    letter = ids[0].split("-")[1] if ids[0].startswith("ut-") else ""
    return f"{request.method} {request.url.path.rpartition('/')[2]} {letter}".rstrip()


def watch_aws(client: Any, calls: Calls) -> None:
    """Calls of an SDK client: ``TransactWriteItems ledger+orders``, ``SendMessage follow-ups``."""
    under_way: list[str] = []

    def leaves(request: Any, event_name: str, **_: Any) -> None:
        under_way[:] = [_name_of_operation(event_name.rpartition(".")[2], request.body)]
        calls.leaves(under_way[0])

    def is_answered(**_: Any) -> None:
        calls.is_answered(under_way[0])

    client.meta.events.register_first("before-send", leaves)
    client.meta.events.register_first("response-received", is_answered)


def deliver_at_once(sqs: Any) -> None:
    """What is put off for seconds is there to be taken: the services' clock is late instead."""

    def without_delay(params: dict[str, Any], **_: Any) -> None:
        params.pop("DelaySeconds", None)

    sqs.meta.events.register("before-parameter-build.sqs.SendMessage", without_delay)


def _name_of_operation(operation: str, body: bytes | str) -> str:
    given = json.loads(body)
    where = sorted({_short(value) for name, value in _texts(given) if name in ("TableName", "QueueUrl")})
    return f"{operation} {'+'.join(where)}"


def _short(address: str) -> str:
    """A table without the prefix of its stage, a queue without its host and without the case that it belongs to."""
    return urlsplit(address).path.rpartition("/")[2].partition("--")[0].removeprefix("undertow-kill-")


def _texts(given: Any) -> Iterator[tuple[str, str]]:
    for name, value in given.items() if isinstance(given, dict) else ():
        if isinstance(value, str):
            yield name, value
        yield from _texts(value)
    for value in given if isinstance(given, list) else ():
        yield from _texts(value)


def places(made: list[str]) -> list[Place]:
    """Before and after every call of a recording, up to the third of each name."""
    hits: Counter[str] = Counter()
    found = []
    for name in made:
        hits[name] += 1
        if hits[name] <= MOST_HITS:
            found += [Place(name, hits[name]), Place(name, hits[name], after=True)]
    return found
