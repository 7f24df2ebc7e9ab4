"""As much of AWS as the stream worker uses, answering at once, in the process of the benchmark that counts.

It checks nothing: what is measured is the worker, and a slow or busy emulator would be measured with it.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

GLOBALS: Mapping[str, Any] = {
    "accounts": {
        "main": {
            "venue": "aster",
            "mode": "simulate",
            "hedge_mode": True,
            "limits": {
                "max_total_exposure_margin_usdt": "1000",
                "max_total_exposure_notional_usdt": "10000",
                "max_positions": 20,
                "max_leverage": 20,
            },
        }
    }
}


@dataclass
class LoopbackAws:
    """Watches ``symbols`` by its globals. Ids of what was forwarded and stored are kept, for counting."""

    symbols: list[str]
    forwarded: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    messages: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    heartbeats: list[dict[str, Any]] = field(default_factory=list)
    _server: asyncio.Server | None = None

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 22)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
                body = await reader.readexactly(int(fields["content-length"]))
                action = fields["x-amz-target"].partition(".")[2]
                status, answer = self._answer(action, json.loads(body))
                content = json.dumps(answer).encode()
                writer.write(b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n" % (status, len(content)) + content)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, action: str, request: dict[str, Any]) -> tuple[bytes, Any]:
        self.requests[action] = self.requests.get(action, 0) + 1
        answers: Mapping[str, Callable[[dict[str, Any]], Any]] = {
            "sendmessagebatch": self._send,
            "putitem": self._put,
            "query": lambda _: {"Items": []},
            "getitem": lambda _: {},
            "getparametersbypath": lambda _: {"Parameters": []},
        }
        if action == "getparameter":
            value = json.dumps({**GLOBALS, "extra_symbols": self.symbols})
            return b"200 OK", {"Parameter": {"Name": request["Name"], "Version": 1, "Value": value}}
        return b"200 OK", answers[action](request)

    def _send(self, request: dict[str, Any]) -> Any:
        for entry in request["Entries"]:
            self.messages += 1
            for one in json.loads(entry["MessageBody"]).get("liquidations", ()):
                self.forwarded.add(one["id"])
        return {"Successful": [], "Failed": []}

    def _put(self, request: dict[str, Any]) -> Any:
        item = request["Item"]
        if "events" in item:
            self.stored.update(row[0] for row in json.loads(item["events"]["S"]))
        else:
            self.heartbeats.append(item)
        return {}
