"""MiniStack, started the way the local cloud wants it. Run by the interpreter of MiniStack's own environment.

Five things MiniStack does not do by itself: it listens on loopback only, it counts the requests the system makes of
AWS (a benchmark wants to know), it saves its state while it runs, so that a kill loses a minute and not a day, it
reads tables' streams the way AWS does (`StreamReaders`), and it hands the groups of a FIFO queue to several copies of a
function at once (`copies_of_a_reader`).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack_app
from ministack.core.persistence import save_all
from ministack.services import lambda_svc

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

DATA_STORES = frozenset({"dynamodb", "sqs", "ssm", "kms", "iam"})
SAVE_EVERY_S = 60.0
BATCHES = {"SendMessageBatch": "Entries", "TransactWriteItems": "TransactItems"}
STREAM_LOOKS_EVERY_S = 0.25
"""Lambda's base rate is four looks a second at each shard (AWS Lambda developer guide, DynamoDB event sources); a
function that takes longer is called again at once if there is something for it."""
NEW_MAPPINGS_EVERY_S = 1.0
MOST_COPIES = 3
"""Of one function that reads a queue. AWS starts what the mapping allows; here each costs two cores seconds."""


class Meter:
    """An ASGI application around MiniStack that counts calls by operation, and the entries of batched ones."""

    def __init__(self, inner: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._inner = inner
        self.requests: Counter[str] = Counter()
        self.entries: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._inner(scope, receive, send)
        if scope["path"].startswith("/_local/"):
            return await self._control(scope["path"], send)
        target = next((value for name, value in scope["headers"] if name == b"x-amz-target"), b"").decode("ascii")
        if target:
            service, _, operation = target.partition(".")
            self.requests[f"{service.partition('_')[0]}.{operation}"] += 1
            if operation in BATCHES or operation == "BatchWriteItem":
                receive = self._counting(receive, operation)
        return await self._inner(scope, receive, send)

    def _counting(self, receive: Receive, operation: str) -> Receive:
        body = bytearray()

        async def counted() -> dict[str, Any]:
            message = await receive()
            if message["type"] == "http.request":
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    self.entries[operation] += entries_of(operation, bytes(body))
            return message

        return counted

    async def _control(self, path: str, send: Send) -> None:
        status, answer = 200, b"{}"
        if path == "/_local/counts":
            answer = json.dumps({"requests": self.requests, "entries": self.entries}).encode()
        elif path == "/_local/save":
            save()
        else:
            status = 404
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


class StreamReaders:
    """Each mapping of a table's stream to a function has a reader of its own, and lets records gather as it was told.

    MiniStack has one thread for all queues and streams, which runs the functions of streams itself and knows no
    ``MaximumBatchingWindowInSeconds``: a page that is open would hold up the orders, which on AWS it cannot.
    """

    def __init__(self) -> None:
        self._all_mappings = lambda_svc._iter_all_esms
        self._read_streams = lambda_svc._poll_dynamodb_streams
        self._read: set[str] = set()
        self._mine = threading.local()

    def install(self) -> None:
        lambda_svc._iter_all_esms = self._seen_by_this_thread
        lambda_svc._poll_dynamodb_streams = lambda: False
        threading.Thread(target=self._give_each_a_reader, daemon=True).start()

    def _seen_by_this_thread(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        mine = getattr(self._mine, "mapping", None)
        return (one for one in self._all_mappings() if mine is None or one[2]["UUID"] == mine)

    def _give_each_a_reader(self) -> None:
        while True:
            for _account, _region, mapping in self._all_mappings():
                if mapping["UUID"] not in self._read and ":dynamodb:" in mapping.get("EventSourceArn", ""):
                    self._read.add(mapping["UUID"])
                    threading.Thread(target=self._read_one, args=(mapping,), daemon=True).start()
            time.sleep(NEW_MAPPINGS_EVERY_S)

    def _read_one(self, mapping: dict[str, Any]) -> None:
        self._mine.mapping = mapping["UUID"]
        gathering_s = max(STREAM_LOOKS_EVERY_S, float(mapping.get("MaximumBatchingWindowInSeconds") or 0))
        try:
            while any(True for _ in self._seen_by_this_thread()):
                began_s = time.monotonic()
                found = self._read_streams()
                every_s = gathering_s if found else STREAM_LOOKS_EVERY_S
                time.sleep(max(0.0, began_s + every_s - time.monotonic()))
        finally:  # whatever ended this reader is in the log by now; a mapping that is still there gets the next one
            self._read.discard(mapping["UUID"])


def copies_of_a_reader(mapping: dict[str, Any], *_function_and_queue: Any) -> int:
    """How many batches of a queue may be under way at once.

    MiniStack holds FIFO queues to one, although a group of which a message is under way is not read any further there
    either: groups are independent, as on AWS.
    """
    allowed = (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency")
    return MOST_COPIES if allowed is None else min(MOST_COPIES, int(allowed))


def entries_of(operation: str, body: bytes) -> int:
    request = json.loads(body)
    if operation == "BatchWriteItem":
        return sum(len(writes) for writes in request["RequestItems"].values())
    return len(request[BATCHES[operation]])


def save(stores: frozenset[str] | None = None) -> None:
    states = ministack_app._build_persistence_save_dict()
    save_all({name: state for name, state in states.items() if stores is None or name in stores})


async def save_now_and_then() -> None:
    while True:
        await asyncio.sleep(SAVE_EVERY_S)
        save(DATA_STORES)


async def main(port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.keep_alive_max_requests = 1_000_000  # a connection closed under a busy client costs it a retry
    config.graceful_timeout = 3
    saver = asyncio.create_task(save_now_and_then())
    StreamReaders().install()
    lambda_svc._sqs_esm_concurrency = copies_of_a_reader
    try:
        await serve(Meter(ministack_app.app), config, shutdown_trigger=stop.wait, mode="asgi")
    finally:
        saver.cancel()


if __name__ == "__main__":
    if os.environ.get("PERSIST_STATE") != "1":
        sys.exit("local.emulator wants PERSIST_STATE=1 and STATE_DIR")
    asyncio.run(main(int(os.environ["GATEWAY_PORT"])))
