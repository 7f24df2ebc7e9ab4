"""Function processes on demand: each line on standard input is a task, done in a process of its own.

A task is a sequence of doors that are opened one after the other, as Lambda would: messages on queues, schedules. The
process that does it may be told to die on the way. Its pid and how it ended are answered as one line of JSON.

Started by the tests as ``python -m tests.kill.child``. It imports everything once and forks, since fifty imports of the
whole desk would be all that the tests do.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from functions.track_account.handler import events
from tests.kill.mortal import Death, MortalLedger, MortalOrders, MortalTransport, MortalVenue, OneAccount, Point
from tests.services.world import hunter_params, parameters
from tests.unit.builders import HUNTER

from undertow.adapters.aster.connection import AgentCredentials, connect
from undertow.adapters.clock import SystemClock
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.wiring import dynamo_repositories
from undertow.adapters.memory import ListFollowUps, RecordingMeter, RecordingNotifier, StaticParams
from undertow.adapters.sdk import Aws
from undertow.adapters.sqs.messages import read_liquidations, read_user_events
from undertow.bootstrap import Desk, Outside, assemble
from undertow.domain.account import Account, Mode, PositionMode
from undertow.domain.event import StreamGap
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Venue
from undertow.entry import Delivery, sqs_handler
from undertow.ports import Parameters
from undertow.risk.protection import ProtectionParams

PREFIX = "undertow-kill-"
REGION = "eu-west-1"
ORDER_TTL_S = 30


@dataclass(frozen=True, slots=True)
class Post:
    """Where a process works and for whom. ``address`` is the one it calls the venue from."""

    tables_url: str
    venue_url: str
    account: str
    user: str
    agent_key: str
    symbol: str
    address: str | None

    def trader(self) -> Account:
        return Account(AccountId(self.account), Venue.ASTER, Mode.LIVE, PositionMode.HEDGE, multi_assets=False)


@dataclass(frozen=True, slots=True)
class Task:
    """``doors`` are pairs of a door's name and the message put through it ("" for a schedule).

    ``late_ms`` is how much later than now the services believe it to be: redelivery and schedules take their time,
    the tests do not. Signatures and the venue keep the true time.
    """

    post: Post
    doors: tuple[tuple[str, str], ...]
    die_at: str | None = None
    late_ms: int = 0
    stop_pct: str = "7"

    def text(self) -> str:
        return json.dumps(asdict(self))


def read_task(text: str) -> Task:
    given: dict[str, Any] = json.loads(text)
    doors = tuple((name, message) for name, message in given.pop("doors"))
    return Task(post=Post(**given.pop("post")), doors=doors, **given)


@dataclass(frozen=True, slots=True)
class LateClock:
    late_ms: int

    def now_ms(self) -> int:
        return SystemClock().now_ms() + self.late_ms


@dataclass(frozen=True, slots=True)
class Function:
    """One warm function: the real desk over the tables and the venue."""

    desk: Desk
    account: Account
    notifier: RecordingNotifier
    venues: OneAccount

    def open(self, door: str, message: str) -> Sequence[str]:
        """Returns the ids of the messages that failed."""
        match door:
            case "liquidations":
                return _deliver(lambda: self._evaluate, message, received=1)
            case "liquidations again":
                return _deliver(lambda: self._evaluate, message, received=2)
            case "user events":
                return _deliver(lambda: self._track, message, received=1)
            case "reconcile":
                self.desk.reconcile(self.account)
            case "manage":
                self.desk.manage(self.account)
            case _:
                raise ValueError(f"there is no door {door}")
        return ()

    def _evaluate(self, delivery: Delivery) -> None:
        self.desk.evaluate(read_liquidations(delivery.body), delivery.redelivered)

    def _track(self, delivery: Delivery) -> None:
        message = read_user_events(delivery.body)
        for event in [message] if isinstance(message, StreamGap) else events(message, self.desk):
            self.desk.track(self.account, event)


class _PlentyOfTime:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def _deliver(make: Callable[[], Callable[[Delivery], None]], body: str, received: int) -> Sequence[str]:
    record = {
        "messageId": "m1",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(received), "MessageGroupId": "g"},
        "eventSource": "aws:sqs",
    }
    answer = sqs_handler(make, fifo=True)({"Records": [record]}, _PlentyOfTime())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def settings(account: Account, symbol: Symbol, stop_pct: str) -> Parameters:
    """One hunter on one symbol, with stop and target too far away to be reached while a test runs."""
    given = parameters()
    protection = replace(hunter_params().protection, take_profit_pct=Decimal(10), stop_loss_pct=Decimal(stop_pct))
    hunter = replace(hunter_params(), trade_value=Decimal(10), protection=protection, order_ttl_s=ORDER_TTL_S)
    strategy = replace(given.strategies[HUNTER], account=account.id, symbols={symbol: hunter})
    limits = next(iter(given.globals.limits.values()))
    assert isinstance(protection, ProtectionParams)
    known = replace(given.globals, accounts={account.id: account}, limits={account.id: limits})
    return replace(given, globals=known, strategies={HUNTER: strategy})


def hire(task: Task, aws: Aws) -> Function:
    """The real desk at ``task.post``, over adapters that die where the task says."""
    post, clock = task.post, LateClock(task.late_ms)
    death = Death(Point(task.die_at) if task.die_at is not None else None)
    store = DynamoStore(aws.dynamodb, PREFIX)
    kept = replace(
        dynamo_repositories(store, clock),
        ledger=MortalLedger(store, clock, death),
        orders=MortalOrders(store, death),
    )
    account = post.trader()
    connection = connect(
        post.venue_url,
        AgentCredentials(post.user, post.agent_key),
        SystemClock().now_ms,
        transport=MortalTransport(death, post.address),
    )
    venues = OneAccount(connection, MortalVenue(account.id, connection, death))
    notifier = RecordingNotifier()
    params = StaticParams(settings(account, Symbol(post.symbol), task.stop_pct))
    desk = assemble(Outside(kept, params, venues, ListFollowUps(clock), notifier, RecordingMeter(), clock))
    return Function(desk, account, notifier, venues)


def work(task: Task, aws: Aws) -> Mapping[str, Any]:
    function = hire(task, aws)
    failed = [failure for door, message in task.doors for failure in function.open(door, message)]
    return {"failed": failed, "alerts": function.notifier.keys()}


def _in_a_process_of_its_own(task: Task, aws: Aws) -> Mapping[str, Any]:
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        with os.fdopen(write_end, "w") as report:
            json.dump(work(task, aws), report)
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as report:
        said = report.read()
    _, status = os.waitpid(pid, 0)
    ended = {"pid": pid, "status": os.waitstatus_to_exitcode(status), "failed": [], "alerts": []}
    return {**ended, **(json.loads(said) if said else {})}


def main() -> None:
    aws: Aws | None = None
    for line in sys.stdin:
        task = read_task(line)
        if aws is None:
            aws = Aws(REGION, task.post.tables_url)
            _ = aws.dynamodb  # made before the first fork: a client without connections is all they share
        sys.stdout.write(json.dumps(_in_a_process_of_its_own(task, aws)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
