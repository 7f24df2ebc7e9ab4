"""What waits to be sent, by message group. Pure: no clock, no network.

A lane is one message group. Its items leave in the order in which they came, and while a message of a lane is under way
the lane waits: that is what keeps the order, and what lets items gather for the next message.
"""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Generic, TypeVar

Item = TypeVar("Item")

Waiting = tuple[int, int, Item]
"""Number of arrival, size in bytes, and the item. A tuple, because one is made for every liquidation."""


class Lanes(Generic[Item]):
    __slots__ = ("_busy", "_free", "_number", "count", "size")

    def __init__(self) -> None:
        self._free: dict[str, deque[Waiting[Item]]] = {}
        """Lanes with something to send, in the order in which they became ready."""
        self._busy: dict[str, deque[Waiting[Item]]] = {}
        self._number = 0
        self.count = 0
        self.size = 0

    def put(self, lane: str, item: Item, size: int) -> None:
        waiting = self._free.get(lane)
        if waiting is None:
            waiting = self._busy.get(lane)
            if waiting is None:
                self._free[lane] = waiting = deque()
        self._number = number = self._number + 1
        waiting.append((number, size, item))
        self.count += 1
        self.size += size

    @property
    def has_free(self) -> bool:
        return bool(self._free)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return not self._free and not self._busy

    def take(self, lanes: int, lane_bytes: int, batch_bytes: int) -> list[tuple[str, list[Waiting[Item]]]]:
        """Take from up to ``lanes`` free lanes what fits into a message each and into ``batch_bytes`` together.

        The lanes are busy until ``release``. An item that fits nowhere leaves alone.
        """
        taken: list[tuple[str, list[Waiting[Item]]]] = []
        for lane in list(islice(self._free, lanes)):
            room = min(lane_bytes, batch_bytes)
            waiting = self._free[lane]
            if taken and waiting[0][1] > room:
                break
            items = [waiting.popleft()]
            size = items[0][1]
            while waiting and size + waiting[0][1] <= room:
                items.append(waiting.popleft())
                size += items[-1][1]
            batch_bytes -= size
            self.count -= len(items)
            self.size -= size
            self._busy[lane] = self._free.pop(lane)
            taken.append((lane, items))
        return taken

    def release(self, lane: str) -> None:
        """What was under way has arrived, or was given up."""
        waiting = self._busy.pop(lane)
        if waiting:
            self._free[lane] = waiting

    def put_back(self, lane: str, items: Sequence[Waiting[Item]]) -> None:
        """Return to a busy lane what was taken and does not go into this message after all."""
        self._busy[lane].extendleft(reversed(items))
        self.count += len(items)
        self.size += sum(size for _, size, _ in items)

    def drop_oldest(self) -> Item:
        """Give up the item that has waited longest. There must be one."""
        lanes = [
            (waiting[0][0], lane) for held in (self._free, self._busy) for lane, waiting in held.items() if waiting
        ]
        _, lane = min(lanes)
        waiting = self._free.get(lane) or self._busy[lane]
        _, size, item = waiting.popleft()
        self.count -= 1
        self.size -= size
        if not waiting:
            self._free.pop(lane, None)
        return item

    def drop_where(self, chosen: Callable[[str], bool]) -> list[Item]:
        """Give up everything that waits in the chosen lanes."""
        dropped: list[Item] = []
        for lane in [lane for lane in (*self._free, *self._busy) if chosen(lane)]:
            waiting = self._free.pop(lane, None) or self._busy.get(lane) or deque()
            dropped += [item for _, _, item in waiting]
            self.count -= len(waiting)
            self.size -= sum(size for _, size, _ in waiting)
            waiting.clear()
        return dropped
