"""Pages that are open: clients that speak the contract of live events, and a local cloud for them to watch."""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import websockets
from local.deployment import BUILD
from local.processes import Progress, free_port
from local.stack import Places
from local.system import EXAMPLES, LocalSystem, Ports
from local.venue_process import Playing

PING_S: Final = 30.0
LAST_ANSWERS_S: Final = 10.0
OPENED_WITHIN_S: Final = 90.0
"""A first socket waits for the function behind it to start."""
COPIES: Final = {"push-changes": 8, "evaluate-liquidations": 3, "track-account": 3, "live": 2}
"""One for each table whose changes become news, and what the emulator starts for a queue."""
Event = dict[str, Any]


@contextmanager
def watched_cloud(minutes: float, speed: float) -> Iterator[tuple[LocalSystem, str]]:
    """A local cloud on an invented tape that trades often, and a token that reads."""
    runs = BUILD / "bench"
    runs.mkdir(parents=True, exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix="pages-", dir=runs))
    ports = Ports(free_port(), free_port(), free_port())
    system = LocalSystem(Places(root), ports, Playing(None, minutes, speed, "none"), Progress())
    try:
        system.start([_often(root)], EXAMPLES / "globals.json")
        _start_what_a_cascade_needs(system)
        yield system, system.undertow("token", "create", "--scopes", "read", "--days", "1", "--quiet").strip()
    finally:
        system.stop()
    shutil.rmtree(root)


def _start_what_a_cascade_needs(system: LocalSystem) -> None:
    """What AWS does in well under a second takes the emulator several: it unpacks every layer for each process anew."""
    names = [name for name, copies in COPIES.items() for _ in range(copies)]
    with ThreadPoolExecutor(len(names)) as pool:
        for started in [pool.submit(system.stack.invoke, name, '{"Records": []}') for name in names]:
            started.result()


def _often(root: Path) -> Path:
    """The example with a window that is covered after a few seconds, thresholds that most liquidations pass, and
    positions that small trades do not fill up before the benchmark is over."""
    strategy = json.loads((EXAMPLES / "hunter.json").read_text())
    strategy["base"] |= {"volume_window_sec": 5, "cooldown_sec": 1, "trade_value_usdt": "10"}
    strategy["base"] |= {"max_position_margin_usdt": "1000", "max_position_notional_usdt": "10000"}
    for settings in strategy["symbols"].values():
        settings |= {"volume_threshold_long": "1000", "volume_threshold_short": "1000"}
    file = root / "bench-hunter.json"
    file.write_text(json.dumps(strategy))
    return file


@dataclass
class Page:
    """One open page. It keeps the numbers that it was told, asks for what it missed, and begins anew on a reset."""

    url: str
    token: str
    told: Callable[[Event, float], None] = lambda _event, _at_ms: None
    seen: int | None = None
    numbers: set[int] = field(default_factory=set)
    begins: list[int] = field(default_factory=list)
    asked_again: int = 0
    resets: int = 0

    async def watch(self, until_s: float) -> None:
        """Until the monotonic clock says ``until_s``; then it asks once more for what it may have missed."""
        async with websockets.connect(self.url, max_size=None, open_timeout=OPENED_WITHIN_S) as socket:
            await socket.send(json.dumps({"action": "subscribe", "token": self.token, "after": None}))
            pinged_s = time.monotonic()
            while (left_s := until_s - time.monotonic()) > 0:
                if time.monotonic() - pinged_s >= PING_S:
                    await socket.send('{"action": "ping"}')
                    pinged_s = time.monotonic()
                await self._hear(socket, min(left_s, PING_S))
            await self._ask_again(socket)
            while (left_s := until_s + LAST_ANSWERS_S - time.monotonic()) > 0:
                await self._hear(socket, left_s)

    async def _hear(self, socket: Any, within_s: float) -> bool:
        try:
            message = json.loads(await asyncio.wait_for(socket.recv(), within_s))
        except TimeoutError:
            return False
        kind = message["type"]
        if kind == "refused":
            raise RuntimeError(f"a page was refused: {message}")
        if kind in ("subscribed", "reset"):
            self.resets += kind == "reset"
            self.seen = message["seq"]
            self.begins.append(message["seq"])
        elif kind == "pong" and self.seen is not None and message["seq"] > self.seen:
            await self._ask_again(socket)
        elif kind == "events":
            await self._take(socket, message)
        return True

    async def _take(self, socket: Any, message: dict[str, Any]) -> None:
        """What came before its turn is dropped: it comes again, with what is missing before it."""
        if self.seen is None:
            return
        if message["first"] > self.seen + 1:
            await self._ask_again(socket)
            return
        at_ms = time.time_ns() / 1e6
        for event in message["events"]:
            if event["seq"] not in self.numbers:
                self.numbers.add(event["seq"])
                self.told(event, at_ms)
        self.seen = max(self.seen, message["last"])

    async def _ask_again(self, socket: Any) -> None:
        self.asked_again += 1
        await socket.send(json.dumps({"action": "resend", "after": self.seen}))

    def missed(self) -> int:
        """Numbers between the first and the last that it was never told, apart from those before a reset."""
        if not self.numbers:
            return 0
        first = max(self.begins) + 1
        return sum(number not in self.numbers for number in range(first, max(self.numbers) + 1))
