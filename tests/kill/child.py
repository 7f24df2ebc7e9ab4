"""Function processes on demand: each line on standard input is a task, done in a process of its own.

A task is a sequence of doors that are opened one after the other, as Lambda would: messages on queues, schedules. The
process that does it may be told to die on the way. Its pid and how it ended are answered as one line of JSON.

Started by the tests as ``python -m tests.kill.child``. It imports everything once and forks, since fifty imports of the
whole desk would be all that the tests do.
"""

import json
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

from functions.carry_out_requests import handler as carry_out_requests
from functions.evaluate_liquidations import handler as evaluate_liquidations
from functions.follow_up_orders import handler as follow_up_orders
from functions.track_account import handler as track_account
from functions.watch_account import handler as watch_account
from tests.kill.calls import Calls, Place, WatchedTransport, deliver_at_once, watch_aws
from tests.kill.page import take_down
from tests.services.world import parameters
from tests.unit.builders import HUNTER, hunter_params
from tests.unit.ladders import LADDER, ladder_params

from undertow.adapters.aster.connection import AgentCredentials, AsterConnection, connect
from undertow.adapters.aster.market_data import AsterMarketData
from undertow.adapters.aster.venue import AsterVenue
from undertow.adapters.clock import SystemClock
from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.wiring import dynamo_repositories
from undertow.adapters.memory import RecordingMeter, RecordingNotifier, StaticParams
from undertow.adapters.notify.queued import QueuedNotifier
from undertow.adapters.sdk import Aws
from undertow.adapters.sqs import bodies
from undertow.adapters.sqs.follow_ups import SqsFollowUps
from undertow.desk import Desk, Outside, assemble
from undertow.domain.account import Account, Mode, PositionMode
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.market import Venue
from undertow.entry import Delivery, RowKey, sqs_handler, stream_handler
from undertow.ports import HunterStrategy, LadderStrategy, Parameters
from undertow.ports.parameters import Strategy
from undertow.risk.limits import HARD_MAX_SIGNAL_AGE_MS
from undertow.risk.protection import ProtectionParams, Trailing
from undertow.strategies.hunter import HunterParams
from undertow.strategies.ladder.params import LadderParams

PREFIX = "undertow-kill-"
REGION = "eu-west-1"
ORDER_TTL_S = 30
AGAIN = " again"
"""Ends the name of a door whose message was handed out before."""


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
    follow_ups_url: str
    notifications_url: str

    def trader(self) -> Account:
        return Account(AccountId(self.account), Venue.ASTER, Mode.LIVE, PositionMode.HEDGE, multi_assets=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the owner has set; percentages are of the entry price."""

    strategy: str = "hunter"
    stop_pct: str = "7"
    trails: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """``doors`` are pairs of a door's name and the message put through it ("" for a schedule).

    ``late_ms`` is how much later than now the services believe it to be: redelivery and schedules take their time,
    the tests do not. Signatures and the venue keep the true time.
    """

    post: Post
    doors: tuple[tuple[str, str], ...]
    late_ms: int = 0
    settings: Settings = field(default_factory=Settings)
    place: Place | None = None
    """Where it dies."""

    def text(self) -> str:
        return json.dumps(asdict(self))


def read_task(text: str) -> Task:
    given: dict[str, Any] = json.loads(text)
    doors = tuple((name, message) for name, message in given.pop("doors"))
    place = given.pop("place")
    return Task(
        post=Post(**given.pop("post")),
        doors=doors,
        settings=Settings(**given.pop("settings")),
        place=None if place is None else Place(**place),
        **given,
    )


@dataclass(frozen=True, slots=True)
class LateClock:
    late_ms: int

    def now_ms(self) -> int:
        return SystemClock().now_ms() + self.late_ms


@dataclass(frozen=True, slots=True)
class OneAccount:
    """``Venues`` of a process that serves one account."""

    connection: AsterConnection
    venue: AsterVenue

    def trading(self, account: Account) -> AsterVenue:
        return self.venue

    def market_data(self, venue: Venue) -> AsterMarketData:
        return AsterMarketData(self.connection)


@dataclass(frozen=True, slots=True)
class Function:
    """One warm function: the real desk over the tables and the venue."""

    desk: Desk
    account: Account
    notifier: RecordingNotifier
    venues: OneAccount
    calls: Calls

    def open(self, door: str, message: str) -> Sequence[str]:
        """Returns the ids of the messages that failed."""
        name, received = door.removesuffix(AGAIN), 2 if door.endswith(AGAIN) else 1
        match name:
            case "liquidations":
                return _deliver(evaluate_liquidations.door(self.desk), message, received, fifo=True)
            case "user events":
                return _deliver(track_account.door(self.desk), message, received, fifo=True)
            case "follow-up":
                return _deliver(follow_up_orders.door(self.desk), message, received, fifo=False)
            case "ticks":
                return _deliver(watch_account.door(self.desk), message, received, fifo=True)
            case "ask":
                take_down(self.desk, self.venues, self.account, message)
            case "request":
                return _hand_over(carry_out_requests.door(self.desk), keys.requests(self.account.id), message)
            case "reconcile":
                self.desk.reconcile(self.account)
            case "manage":
                self.desk.manage(self.account)
            case "import history":
                self.desk.import_history(self.account)
            case "sync instruments":
                self.desk.sync_instruments()
            case _:
                raise ValueError(f"there is no door {door}")
        return ()


class _PlentyOfTime:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def _deliver(handle: Callable[[Delivery], None], body: str, received: int, *, fifo: bool) -> Sequence[str]:
    record = {
        "messageId": "m1",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(received), "MessageGroupId": "g"},
        "eventSource": "aws:sqs",
    }
    answer = sqs_handler(lambda: handle, fifo=fifo)({"Records": [record]}, _PlentyOfTime())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def _hand_over(handle: Callable[[RowKey], None], pk: str, sk: str) -> Sequence[str]:
    """A row of a table's stream."""
    record = {"dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "SequenceNumber": "1"}}
    answer = stream_handler(lambda: handle)({"Records": [record]}, _PlentyOfTime())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def parameters_of(account: Account, symbol: Symbol, settings: Settings) -> Parameters:
    """One strategy on one symbol, with stop and target too far away to be reached while a test runs."""
    given = parameters()
    protection = replace(
        hunter_params().protection,
        take_profit_pct=Decimal(10),
        stop_loss_pct=Decimal(settings.stop_pct),
        trailing=Trailing(Decimal(1), Decimal(5)) if settings.trails else None,
    )
    strategies: dict[StrategyId, Strategy] = {
        HUNTER: HunterStrategy(HUNTER, account.id, settings.strategy == "hunter", {symbol: _hunter(protection)}, "h1"),
        LADDER: LadderStrategy(LADDER, account.id, settings.strategy == "ladder", {symbol: _ladder(protection)}, "l1"),
    }
    # As long as can be: a process that is to die halfway may have a slow machine.
    limits = replace(next(iter(given.globals.limits.values())), max_signal_age_ms=HARD_MAX_SIGNAL_AGE_MS)
    known = replace(given.globals, accounts={account.id: account}, limits={account.id: limits})
    return replace(given, globals=known, strategies=strategies)


def _hunter(protection: ProtectionParams) -> HunterParams:
    return replace(hunter_params(), trade_value=Decimal(10), protection=protection, order_ttl_s=ORDER_TTL_S)


def _ladder(protection: ProtectionParams) -> LadderParams:
    """Layers 0.3 % apart and more, each a moment after the other, without a look at a cascade."""
    shape = {"layer1_size_pct": Decimal(2), "first_step_pct": Decimal("0.3")}
    return ladder_params(shape, cascade_formula=None, layer_delay_s=0, protection=protection, order_ttl_s=ORDER_TTL_S)


def hire(task: Task, aws: Aws) -> Function:
    """The real desk at ``task.post``, whose process dies where the task says."""
    post, clock = task.post, LateClock(task.late_ms)
    calls = Calls(task.place)
    kept = dynamo_repositories(DynamoStore(aws.dynamodb, PREFIX), clock)
    account = post.trader()
    connection = connect(
        post.venue_url,
        AgentCredentials(post.user, post.agent_key),
        SystemClock().now_ms,
        transport=WatchedTransport(calls, post.address),
    )
    venues = OneAccount(connection, AsterVenue(account.id, connection))
    notifier, meter = RecordingNotifier(), RecordingMeter()
    told = QueuedNotifier(notifier, lambda: aws.hasty_sqs, post.notifications_url, clock, meter)
    follow_ups = SqsFollowUps(aws.sqs, post.follow_ups_url)
    params = StaticParams(parameters_of(account, Symbol(post.symbol), task.settings))
    desk = assemble(Outside(kept, params, venues, follow_ups, told, meter, clock))
    return Function(desk, account, notifier, venues, calls)


def work(task: Task, aws: Aws) -> Mapping[str, Any]:
    function = hire(task, aws)
    for client in (aws.dynamodb, aws.sqs, aws.hasty_sqs):
        watch_aws(client, function.calls)
    deliver_at_once(aws.sqs)
    failed = [failure for door, message in task.doors for failure in function.open(door, message)]
    return {"failed": failed, "alerts": function.notifier.keys(), "calls": function.calls.made}


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
    ended = {"pid": pid, "status": os.waitstatus_to_exitcode(status), "failed": [], "alerts": [], "calls": []}
    return {**ended, **(json.loads(said) if said else {})}


def main() -> None:
    logging.getLogger().addHandler(logging.NullHandler())
    assert bodies, "what is imported when it is first needed is imported before the first fork"
    aws: Aws | None = None
    for line in sys.stdin:
        task = read_task(line)
        if aws is None:
            aws = Aws(REGION, task.post.tables_url)
            _ = aws.dynamodb, aws.sqs, aws.hasty_sqs  # before the first fork: clients without connections are shared
        sys.stdout.write(json.dumps(_in_a_process_of_its_own(task, aws)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
