"""The same way through the local cloud: from SendMessage to the order at the venue, over queue, function and tables.

The emulator's queue, its function runner and its tables are part of what is measured. It says what to expect of the
local cloud, not of AWS.
"""

import json
import shutil
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import httpx
from local.deployment import BUILD
from local.processes import Progress, free_port
from local.stack import Places
from local.summary import scan
from local.system import EXAMPLES, LocalSystem, Ports
from local.venue_process import ACCOUNT, Playing
from tests.benchmarks.rows import Row, percentile, row

from undertow.adapters.sqs.messages import batch_text, liquidations_group
from undertow.domain.ids import LiquidationId, Symbol, digest_of
from undertow.domain.market import (
    BestPrices,
    Liquidation,
    LiquidationBatch,
    MarkPrice,
    MeasuredLiquidation,
    Side,
    Venue,
    VolumeWindow,
)

MESSAGES: Final = 100
SYMBOLS: Final = [
    Symbol(f"{coin}USDT")
    for coin in ("BTC", "ETH", "SOL", "BNB", "XRP", "DOGE", "ADA", "SUI", "LINK", "AVAX", "DOT", "LTC", "UNI", "NEAR")
]
PAUSE_S: Final = 0.25
LOOK_EVERY_S: Final = 0.05
WARM_UPS: Final = 10
WARM_UP_S: Final = 5.0
PLACED_WITHIN_S: Final = 20.0
BELOW_THE_MARKET: Final = Decimal("0.98")
THRESHOLD: Final = "10000"


def measure() -> list[Row]:
    runs = BUILD / "bench"
    runs.mkdir(parents=True, exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix="cloud-", dir=runs))
    ports = Ports(free_port(), free_port(), free_port())
    system = LocalSystem(Places(root), ports, Playing(None, 5.0, 1.0, "none"), Progress())
    try:
        system.start([_strategy(root)], EXAMPLES / "globals.json")
        if system.worker is not None:
            system.processes.stop(system.worker)
        system.stack.invoke("reconcile")  # before the schedule does: without a balance nothing is entered
        placed_ms = _placed_ms(system)
    finally:
        system.stop()
    shutil.rmtree(root)
    n = f"n = {len(placed_ms)}, one after the other"
    return [
        row("through the local cloud, SQS send to order at the venue: p50", percentile(placed_ms, 0.5), "ms", n),
        row("through the local cloud, SQS send to order at the venue: p99", percentile(placed_ms, 0.99), "ms", n),
    ]


def _strategy(root: Path) -> Path:
    """Orders fill at once or not at all, and are priced not to: each ends by itself."""
    file = root / "bench-hunter.json"
    threshold = {"volume_threshold_long": THRESHOLD, "volume_threshold_short": THRESHOLD}
    base = {
        "volume_window_sec": 60,
        "cooldown_sec": 1,
        "leverage": 5,
        "trade_value_usdt": "20",
        "time_in_force": "IOC",
        "max_position_margin_usdt": "100",
        "max_position_notional_usdt": "500",
        **threshold,
    }
    strategy = {"id": "bench-hunter", "kind": "hunter", "account": ACCOUNT, "base": base}
    file.write_text(json.dumps({**strategy, "symbols": dict.fromkeys(SYMBOLS, threshold)}))
    return file


def _placed_ms(system: LocalSystem) -> list[float]:
    """Each message is sent when the order of the one before it is at the venue.

    The first ones find a function that is still starting and may be too old when it has: they are not counted.
    """
    senders = _Sender(system)
    for attempt in range(WARM_UPS):
        if senders.placed_after_ms(-attempt - 1, WARM_UP_S) is not None:
            break
    spent_ms = []
    for number in range(MESSAGES):
        spent = senders.placed_after_ms(number, PLACED_WITHIN_S)
        if spent is None:
            reasons = {f"{row['gate']}: {row['reason']}" for row in scan(system.stack, "decisions")}
            raise RuntimeError(f"no order within {PLACED_WITHIN_S:g} s; decided: {reasons}; {system.places.logs}")
        spent_ms.append(spent)
        time.sleep(PAUSE_S)
    return spent_ms


class _Sender:
    def __init__(self, system: LocalSystem) -> None:
        self._system = system
        self._sqs = system.stack.client("sqs")
        self._queue = system.stack.output("LiquidationsQueueUrl")
        self._known: set[str] = set()

    def placed_after_ms(self, number: int, within_s: float) -> float | None:
        """Milliseconds from sending a message to the time of its order at the venue; None when none came."""
        symbol = SYMBOLS[number % len(SYMBOLS)]
        body = _message(self._system.venue.rest_url, symbol, number)
        sent_ms = time.time_ns() / 1e6
        self._sqs.send_message(
            QueueUrl=self._queue,
            MessageBody=body,
            MessageGroupId=liquidations_group(Venue.ASTER, symbol),
            MessageDeduplicationId=digest_of("bench", number),
        )
        order = self._new_order(within_s)
        return None if order is None else float(order["time"]) - sent_ms

    def _new_order(self, within_s: float) -> dict[str, Any] | None:
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s:
            self._system.processes.require_alive()
            (account,) = self._system.venue.report()["accounts"]
            for order in reversed(account["orders"]):
                if order["clientOrderId"] not in self._known:
                    self._known.add(order["clientOrderId"])
                    return dict(order)
            time.sleep(LOOK_EVERY_S)
        return None


def _message(venue_url: str, symbol: Symbol, number: int) -> str:
    mark = Decimal(httpx.get(f"{venue_url}/fapi/v3/premiumIndex", params={"symbol": symbol}).json()["markPrice"])
    bid = round(mark * BELOW_THE_MARKET, 8)
    now_ms = time.time_ns() // 1_000_000
    event = Liquidation(
        LiquidationId(f"bench{now_ms}"), Venue.ASTER, symbol, Side.SELL, Decimal(1), mark, now_ms, now_ms
    )
    window = VolumeWindow(60, Decimal(12_000), Decimal(12), Decimal(9_000), Decimal(9), 3, 3)
    batch = LiquidationBatch(
        venue=Venue.ASTER,
        symbol=symbol,
        epoch=1,
        window_covered=True,
        sent_at_ms=now_ms,
        book=BestPrices(bid, Decimal(1), round(bid * Decimal("1.0001"), 8), Decimal(1), now_ms),
        mark=MarkPrice(mark, now_ms),
        liquidations=(MeasuredLiquidation(event, {60: window}, now_ms),),
    )
    return batch_text(batch)
