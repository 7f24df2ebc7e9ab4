"""One account on one symbol, what happens to it, and what must be true of it afterwards."""

import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import httpx
from tests.kill.calls import Place
from tests.kill.child import Function, Post, Settings, Task
from websockets.sync.client import ClientConnection

from undertow.adapters.sqs.messages import UserFrames, batch_text, user_frames_text
from undertow.domain.conditions import Conditions, PercentileRank
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import (
    Liquidation,
    LiquidationBatch,
    MeasuredLiquidation,
    PositionSide,
    Side,
    Venue,
    VolumeWindow,
)
from undertow.domain.order import OrderState
from undertow.domain.position import Slot

Door = tuple[str, str]
"""Its name, and what is put through it."""

AN_HOUR_MS: Final = 3_600_000
KILLED: Final = -9
HEARD_WITHIN_S: Final = 10.0
QUIET_S: Final = 0.1
MOST_DECIMALS: Final = 12
THROUGH_THE_MARKET: Final = Decimal("1.003")
FAR_FROM_THE_MARKET: Final = Decimal("0.98")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: ``status`` is 0, or -9 for one that was killed."""

    pid: int
    status: int
    failed: list[str]
    alerts: list[str]
    calls: list[str]
    """In order; of a process that was killed nobody knows them."""


class NeverCame(Exception):
    """The place at which a process was to die was not on its way."""


class Nursery:
    """Runs tasks, each in a process of its own, and says how it ended."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, task: Task) -> Ended:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(task.text() + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the nursery itself has died"
        return Ended(**json.loads(answer))


@dataclass(slots=True)
class Case:
    """One account on one symbol, with nothing in it yet, and somebody who listens to its user stream."""

    post: Post
    nursery: Nursery
    here: Function
    stream: ClientConnection
    queues: Any
    frames: list[str] = field(default_factory=list)

    # --- what happens to it ---

    def run(
        self,
        *doors: str | Door,
        place: Place | None = None,
        late_s: int = 0,
        settings: Settings | None = None,
    ) -> Ended:
        """Open ``doors`` in a process of its own, which must end as it was told to: killed, or in good order."""
        pairs = tuple((door, "") if isinstance(door, str) else door for door in doors)
        ended = self.nursery.run(Task(self.post, pairs, late_s * 1000, settings or Settings(), place))
        if place is not None and ended.status == 0:
            raise NeverCame(f"{place}: the process came to its end without it")
        assert ended.status == (KILLED if place else 0), f"ended with {ended.status}"
        assert ended.failed == []
        return ended

    def attempt(self, *doors: str | Door, late_s: int, settings: Settings) -> bool:
        """Whether all of ``doors`` could be gone through. What could not comes again, as it would anywhere."""
        pairs = tuple((door, "") if isinstance(door, str) else door for door in doors)
        ended = self.nursery.run(Task(self.post, pairs, late_s * 1000, settings))
        return ended.status == 0 and not ended.failed

    def signal(
        self,
        *,
        resting: bool = False,
        above: Decimal = THROUGH_THE_MARKET,
        percentile: PercentileRank | None = None,
        conditions: Conditions | None = None,
    ) -> str:
        """A message with a liquidation that crosses the threshold, priced to fill at once or not at all."""
        market, symbol = self.here.venues.market_data(Venue.ASTER), Symbol(self.post.symbol)
        book, mark = market.fetch_best_prices(symbol), market.fetch_mark_price(symbol)
        heard_ms = now_ms()
        bid = round(book.ask * (FAR_FROM_THE_MARKET if resting else above), MOST_DECIMALS)
        price = mark.price
        event = Liquidation(
            LiquidationId(f"{symbol}{heard_ms}"), Venue.ASTER, symbol, Side.SELL, Decimal(1), price, heard_ms, heard_ms
        )
        window = VolumeWindow(60, Decimal(12_000), Decimal(12), Decimal(9_000), Decimal(9), 3, 3)
        seen = type(book)(bid, Decimal(1), round(bid * Decimal("1.0001"), MOST_DECIMALS), Decimal(1), heard_ms)
        measured = MeasuredLiquidation(event, {60: window}, heard_ms, percentile)
        return batch_text(LiquidationBatch(Venue.ASTER, symbol, 1, True, heard_ms, seen, mark, (measured,), conditions))

    def user_events(self) -> str:
        """Everything that the venue told about the entry, once it has told that it filled."""
        deadline_s = time.monotonic() + HEARD_WITHIN_S
        while not any(_tells_that_an_entry_filled(frame) for frame in self.frames):
            try:
                text = self.stream.recv(timeout=deadline_s - time.monotonic())
            except TimeoutError as silence:
                raise NeverCame("the entry did not fill") from silence
            assert isinstance(text, str)
            self.frames.append(text)
        return self._told(self.frames)

    def heard_since(self) -> list[Door]:
        """What the venue told and nobody was handed yet, as the worker would queue it."""
        fresh = []
        while True:
            try:
                text = self.stream.recv(timeout=QUIET_S)
            except TimeoutError:
                break
            assert isinstance(text, str)
            fresh.append(text)
        self.frames += fresh
        return [("user events", self._told(fresh))] if fresh else []

    def _told(self, frames: Sequence[str]) -> str:
        return user_frames_text(UserFrames(Venue.ASTER, self.here.account.id, now_ms(), tuple(frames)))

    def follow_ups(self) -> list[Door]:
        """What was put off until later and nobody has taken up."""
        queue, taken = self.post.follow_ups_url, []
        while found := self.queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                self.queues.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                taken.append(("follow-up", message["Body"]))
        return taken

    def holds_a_position(self) -> str:
        """Enter in good order; returns the user events that tell of the fill, which nobody has read yet."""
        self.run(("liquidations", self.signal()))
        return self.user_events()

    # --- what is true of it ---

    def at_venue(self) -> dict[str, Any]:
        """The account as the venue itself knows it."""
        answer = httpx.get(f"{self.post.venue_url}/sim/report", timeout=30).raise_for_status().json()
        (mine,) = (one for one in answer["accounts"] if one["account"] == self.post.account)
        return dict(mine)

    def slot(self) -> Slot:
        kept = self.here.desk.repositories.ledger
        return kept.slot(self.here.account.id, Symbol(self.post.symbol), PositionSide.LONG)

    def orders_at_venue(self, letter: str) -> list[dict[str, Any]]:
        return [one for one in self.at_venue()["orders"] if one["clientOrderId"].startswith(f"ut-{letter}-")]

    def assert_sound(self, *, entries: int | Sequence[int], external: bool = False) -> None:
        """One venue order per intent, a ledger equal to the venue, stop and target, and nothing reserved in vain.

        ``external``: the position, if there is one, is the owner's own.
        """
        venue = self.at_venue()
        assert venue["reusedClientOrderIds"] == []
        sent = sum(order["clientOrderId"].startswith("ut-e-") for order in venue["orders"])
        assert sent in ((entries,) if isinstance(entries, int) else entries)
        self._assert_orders_known(venue)
        self._assert_fills_equal(venue)
        self._assert_position_protected(venue, external)
        self._assert_nothing_reserved_in_vain()

    def _assert_orders_known(self, venue: dict[str, Any]) -> None:
        known = self.here.desk.repositories.orders
        for sent in venue["orders"]:
            if not sent["clientOrderId"].startswith("ut-"):
                continue
            order = known.get(self.here.account.id, sent["clientOrderId"])
            assert order is not None, f"{sent['clientOrderId']} is not in the table"
            assert order.state.value == _STATES[sent["status"]], sent

    def _assert_fills_equal(self, venue: dict[str, Any]) -> None:
        kept = self.here.desk.repositories.fills
        booked = kept.recent(self.here.account.id, 0, now_ms() + AN_HOUR_MS, 1_000)
        there = sorted((fill["id"], Decimal(fill["price"]), Decimal(fill["qty"])) for fill in venue["fills"])
        assert sorted((fill.trade_id, fill.price, fill.quantity) for fill in booked) == there

    def _assert_position_protected(self, venue: dict[str, Any], external: bool) -> None:
        position = self.slot().position
        amounts = [Decimal(one["positionAmt"]) for one in venue["positions"]]
        assert amounts == ([position.quantity] if position is not None else [])
        standing = [one for one in venue["orders"] if one["clientOrderId"] in venue["openOrders"]]
        closing = sorted((one["type"], one["clientOrderId"]) for one in standing if one["closePosition"])
        if position is None:
            assert closing == []
            return
        assert (position.strategy is None) == external, "an entry of ours taken for somebody else's, or the reverse"
        assert position.unprotected_since_ms is None
        assert closing == [
            ("STOP_MARKET", position.stop_order),
            ("TAKE_PROFIT_MARKET", position.target_order),
        ]

    def _assert_nothing_reserved_in_vain(self) -> None:
        slot = self.slot()
        totals = self.here.desk.repositories.ledger.totals(self.here.account.id)
        assert (totals.notional, totals.margin) == (slot.reserved_notional, slot.reserved_margin)
        living = {
            order.client_order_id
            for order in self.here.desk.repositories.orders.recent(self.here.account.id, 0, now_ms() + AN_HOUR_MS, 100)
            if not order.state.is_final
        }
        assert {entry.client_order_id for entry in slot.entries} <= living
        assert (slot.reserved_notional > 0) == (slot.position is not None or bool(slot.entries))


_STATES: Final = {
    "NEW": OrderState.OPEN.value,
    "PARTIALLY_FILLED": OrderState.PARTIALLY_FILLED.value,
    "FILLED": OrderState.FILLED.value,
    "CANCELED": OrderState.CANCELED.value,
    "EXPIRED": OrderState.EXPIRED.value,
}


def _tells_that_an_entry_filled(frame: str) -> bool:
    event = json.loads(frame)
    order = event.get("o", {})
    return (
        event.get("e") == "ORDER_TRADE_UPDATE" and str(order["c"]).startswith("ut-e-") and str(order["X"]) == "FILLED"
    )
