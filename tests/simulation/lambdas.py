"""Functions as AWS runs them: containers that live and freeze, queues that feed them, time limits, throttles."""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any, Final

from greenlet import greenlet
from tests.simulation.gate import Gate
from tests.simulation.loop import Loop, Run
from tests.simulation.queues import Message, Queue
from tests.simulation.swarm import Swarm
from tests.simulation.table_stream import RETRY_MS, first_failed_on, row_record

FUNCTIONS: Final = Path(__file__).parents[2] / "functions"

Handler = Callable[[Mapping[str, Any], Any], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Spec:
    """As the template has it. ``batch`` and ``queue`` are those of the event source; a schedule has none.

    ``reads_rows``: the queue stands for the stream of a table.
    """

    name: str
    timeout_ms: int
    concurrency: int
    queue: Queue | None = None
    batch: int = 1
    reads_rows: bool = False


@cache
def door_of(function: str) -> Callable[..., Any]:
    """The real door of a function: what its handler makes of a desk."""
    return _module(function).door  # type: ignore[no-any-return]


def _module(function: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"handler_of_{function}", FUNCTIONS / function / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True, slots=True)
class Context:
    run: Run
    loop: Loop

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self.run.deadline_ms - self.loop.clock.at_ms)


@dataclass(slots=True, eq=False)
class Container:
    number: int
    handler: Handler
    frozen_until_ms: int = 0


@dataclass(slots=True, eq=False)
class Function:
    """One function with its containers. ``make`` builds a handler for a new container of the given number."""

    spec: Spec
    make: Callable[[int], Handler]
    idle: list[Container] = field(default_factory=list)
    running: int = 0
    throttled_until_ms: int = 0
    poll_at_ms: int | None = None


class Lambdas:
    """Starts runs, ends them, and hands them their messages."""

    def __init__(self, loop: Loop, swarm: Swarm, random: Random) -> None:
        self.loop = loop
        self.swarm = swarm
        self._random = random
        self.gate = Gate(loop, swarm, random, self._die)
        self.functions: dict[str, Function] = {}
        self.runs = 0
        self.containers = 0
        self.living: dict[Run, tuple[Function, Container, Sequence[Message]]] = {}
        self.errors: list[str] = []
        """What functions raised that no fault explains: for the report."""

    def add(self, function: Function) -> None:
        self.functions[function.spec.name] = function

    # --- queues -----------------------------------------------------------------------------------------------------

    def poke(self, function: Function) -> None:
        """Look into the function's queue soon: something was put there, or somebody has time again."""
        queue, now_ms = function.spec.queue, self.loop.clock.at_ms
        assert queue is not None
        due_ms = queue.next_visible_ms(now_ms)
        if due_ms is None:
            return
        delay_ms = self._random.uniform(3, 60)
        if self.swarm.strikes("queue_delayed"):
            delay_ms += self._random.uniform(200, 8_000)
        at_ms = int(max(due_ms, function.throttled_until_ms, now_ms) + delay_ms)
        if function.poll_at_ms is None or at_ms < function.poll_at_ms:
            function.poll_at_ms = at_ms
            self.loop.at(at_ms, f"poll {function.spec.name}", lambda: self._poll(function, at_ms))

    def _poll(self, function: Function, at_ms: int) -> None:
        if function.poll_at_ms != at_ms:
            return
        function.poll_at_ms = None
        spec, now_ms = function.spec, self.loop.clock.at_ms
        queue = spec.queue
        assert queue is not None
        if function.throttled_until_ms > now_ms or function.running >= spec.concurrency:
            if function.throttled_until_ms > now_ms:
                self.poke(function)
            return
        shuffle = None
        if not queue.fifo and len(queue.messages) > 1 and self.swarm.strikes("queue_out_of_order"):
            shuffle = self._random
        messages = queue.receive(now_ms, spec.batch, shuffle)
        if messages:
            self.start(function, messages)
        self.poke(function)

    # --- runs -------------------------------------------------------------------------------------------------------

    def start(
        self, function: Function, messages: Sequence[Message] = (), event: Mapping[str, Any] | None = None
    ) -> None:
        """Run ``function`` once, in a container that is free or a new one, with what it is given or called with."""
        self.runs += 1
        spec, now_ms = function.spec, self.loop.clock.at_ms
        container = self._container(function)
        if event is None:
            event = {"Records": [_record(message, spec) for message in messages]} if spec.queue is not None else {}
        run: Run = Run(f"{spec.name}#{self.runs}", now_ms + spec.timeout_ms, greenlet(lambda: self._serve(run, event)))
        function.running += 1
        self.living[run] = function, container, messages
        self.gate.begin(run)

    def _container(self, function: Function) -> Container:
        now_ms = self.loop.clock.at_ms
        free = [one for one in function.idle if one.frozen_until_ms <= now_ms]
        if free and self._random.random() < 0.9:
            container = free[-1]
            function.idle.remove(container)
            return container
        self.containers += 1
        return Container(self.containers, function.make(self.containers))

    def _serve(self, run: Run, event: Mapping[str, Any]) -> None:
        """The body of a run's greenlet."""
        _, container, _ = self.living[run]
        if self.swarm.strikes("cold_start"):
            self.gate.hold(run, "cold_start", "cold start", "before", self._random.uniform(300, 4_000))
        try:
            answer = container.handler(event, Context(run, self.loop))
        except Exception as error:  # noqa: BLE001 as Lambda does: whatever a handler raises fails the batch
            self._finish(run, None, f"{type(error).__name__}: {error}")
        else:
            self._finish(run, answer, "")

    def _finish(self, run: Run, answer: Mapping[str, Any] | None, error: str) -> None:
        if run.is_over:
            return
        run.is_over = True
        function, container, messages = self.living.pop(run)
        function.running -= 1
        self.loop.note(f"{run.name} {'failed ' + error if error else 'ended'}")
        if error:
            self.errors.append(f"{run.name}: {error}")
        if self.swarm.strikes("frozen_container"):
            container.frozen_until_ms = self.loop.clock.at_ms + int(self._random.uniform(40_000, 400_000))
        function.idle.append(container)
        if not messages:
            return
        queue = function.spec.queue
        assert queue is not None
        failed = frozenset(one["itemIdentifier"] for one in (answer or {}).get("batchItemFailures", ()))
        if function.spec.reads_rows:
            failed = self._read_again(messages if error else first_failed_on(messages, failed))
        for message in messages:
            if error or str(message.number) in failed:
                continue
            if self.swarm.strikes("ack_lost"):
                continue
            if self.swarm.strikes("message_failed"):
                message.visible_at_ms = self.loop.clock.at_ms + 5_000
                continue
            queue.delete(message)
            if self.swarm.strikes("queue_duplicate"):
                queue.repeat(message, self.loop.clock.at_ms + int(self._random.uniform(10, 20_000)))
        self.poke(function)

    def _read_again(self, messages: Sequence[Message]) -> frozenset[str]:
        """A stream is read again from there at once: nobody waits for a time-out."""
        for message in messages:
            message.visible_at_ms = self.loop.clock.at_ms + RETRY_MS * message.receives
        return frozenset(str(message.number) for message in messages)

    def _die(self, run: Run, how: str) -> None:
        """The process is gone with its container. What it was sent comes back when its time is up."""
        if run.is_over:
            return
        self.loop.note(f"{run.name} {how} at {run.entered}")
        function, _, messages = self.living.pop(run)
        function.running -= 1
        self.gate.end(run)
        if function.spec.reads_rows:
            self._read_again(messages)
        if messages:
            self.poke(function)

    def kill_all(self) -> None:
        for run in list(self.living):
            self._die(run, "ended with the simulation")


def _record(message: Message, spec: Spec) -> dict[str, Any]:
    """As the event source hands it out."""
    if spec.reads_rows:
        return row_record(message)
    return {
        "messageId": str(message.number),
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.receives),
            "SentTimestamp": str(message.sent_at_ms),
            "MessageGroupId": message.group,
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:simulated:0:{spec.name}",
        "awsRegion": "simulated",
    }
