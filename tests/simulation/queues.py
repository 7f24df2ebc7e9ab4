"""SQS as the system meets it: at least once, groups in order, a time of invisibility, dead letters."""

from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Final

DEDUPLICATION_MS: Final = 300_000


@dataclass(slots=True)
class Message:
    number: int
    body: str
    group: str
    digest: str
    sent_at_ms: int
    visible_at_ms: int
    receives: int = 0
    receipt: str = ""
    in_flight: bool = False


@dataclass(slots=True)
class Queue:
    """``retention_ms`` is counted from the sending. ``dead`` holds what was received ``max_receives`` times in vain."""

    name: str
    fifo: bool
    visibility_ms: int
    max_receives: int
    retention_ms: int
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    done: list[str] | None = None
    """Bodies of messages that left because they were dealt with, where somebody reads them; None: nobody does."""
    sent: int = 0
    _numbers: "count[int]" = field(default_factory=count)
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def send(self, body: str, group: str, digest: str, now_ms: int, delay_ms: int = 0) -> bool:
        """False when a FIFO queue knows the message already."""
        if self.fifo:
            known_until_ms = self._seen.get((group, digest))
            if known_until_ms is not None and now_ms < known_until_ms:
                return False
            self._seen[group, digest] = now_ms + DEDUPLICATION_MS
        self.sent += 1
        self.messages.append(Message(next(self._numbers), body, group, digest, now_ms, now_ms + delay_ms))
        return True

    def repeat(self, message: Message, visible_at_ms: int) -> None:
        """The same message once more, as a standard queue may hand it out again."""
        again = Message(
            next(self._numbers), message.body, message.group, message.digest, message.sent_at_ms, visible_at_ms
        )
        self.messages.append(again)

    def receive(self, now_ms: int, limit: int, shuffle: Random | None = None) -> list[Message]:
        """Up to ``limit`` messages, which are now invisible to others. A group with one of them out gives no more."""
        self._bury(now_ms)
        locked = {one.group for one in self.messages if one.in_flight} if self.fifo else frozenset[str]()
        taken: list[Message] = []
        waiting = self.messages
        if shuffle is not None and not self.fifo:
            waiting = list(self.messages)
            shuffle.shuffle(waiting)
        held: set[str] = set()
        for message in waiting:
            if len(taken) == limit:
                break
            if message.in_flight or message.group in locked or (self.fifo and message.group in held):
                continue
            if message.visible_at_ms > now_ms:
                held.add(message.group)
                continue
            message.receives += 1
            message.receipt = f"{self.name}:{message.number}:{message.receives}"
            message.visible_at_ms = now_ms + self.visibility_ms
            message.in_flight = True
            taken.append(message)
        return taken

    def _bury(self, now_ms: int) -> None:
        kept = []
        for message in self.messages:
            if message.in_flight and message.visible_at_ms <= now_ms:
                message.in_flight = False
            if not message.in_flight and message.visible_at_ms <= now_ms:
                expired = now_ms - message.sent_at_ms > self.retention_ms
                if message.receives >= self.max_receives:
                    self.dead.append(message)
                    continue
                if expired:
                    continue
            kept.append(message)
        self.messages[:] = kept

    def delete(self, message: Message) -> None:
        if message in self.messages:
            self.messages.remove(message)
            if self.done is not None:
                self.done.append(message.body)

    def change_visibility(self, receipt: str, delay_ms: int, now_ms: int) -> None:
        for message in self.messages:
            if message.receipt == receipt:
                message.visible_at_ms = now_ms + delay_ms

    def next_visible_ms(self, now_ms: int) -> int | None:
        """When a message may next be handed out, as things stand; None where there is none."""
        first: dict[str, int] = {}
        times = []
        for message in self.messages:
            if not self.fifo:
                times.append(message.visible_at_ms)
            else:
                # What waits in a group waits for whatever of it is out or put off.
                held_until_ms = max(message.visible_at_ms, first.get(message.group, 0))
                first[message.group] = held_until_ms
        times.extend(first.values())
        return max(min(times), now_ms) if times else None

    def redrive(self, now_ms: int) -> int:
        """Put the dead back, as an operator does."""
        again, self.dead = self.dead, []
        for message in again:
            message.receives, message.in_flight, message.visible_at_ms = 0, False, now_ms
            message.sent_at_ms = now_ms
            self.messages.append(message)
        return len(again)
