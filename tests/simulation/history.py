"""What was asked of the venue, and whether its true log agrees with what we were told of each request.

Every order that is sent is one operation. ``ok``: the venue said that it took it. ``fail``: it said, or it is provable,
that it did not. ``info``: nobody knows. The rules are those of Jepsen's histories: a failed operation has no effect, a
confirmed one exactly one, an unknown one none or one; and none ever has two. No id is sent twice, unless it is certain
that the first time nothing left.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from local.venue.house import House
from tests.simulation.violation import Violation

from undertow.adapters.paper.events import Status
from undertow.adapters.paper.orders import EngineOrder
from undertow.domain.ids import AccountId, ClientOrderId, is_ours
from undertow.domain.outcome import Accepted, Canceled, CancelOutcome, NotOpen, Rejected, SubmitOutcome, Unconfirmed

Ended = Literal["ok", "fail", "info"]


@dataclass(slots=True)
class Operation:
    """``outcome`` is None while it is under way, and for ever where the process died: then nobody was told anything."""

    kind: Literal["submit", "cancel"]
    account: AccountId
    client_order_id: ClientOrderId
    invoked_ms: int
    outcome: Ended | None = None
    ended_ms: int | None = None
    detail: str = ""
    was_never_sent: bool = False
    """It is certain that no request left: the same id may be used once more."""

    def ended(self, outcome: Ended, now_ms: int, detail: str = "") -> None:
        self.outcome, self.ended_ms, self.detail = outcome, now_ms, detail


def told(answer: SubmitOutcome | CancelOutcome) -> Ended:
    """How an answer of the venue's port counts. What raised instead was never sent: ``fail``.

    An order to cancel that is not open is gone either way, so nothing was done, and that is known.
    """
    match answer:
        case Accepted() | Canceled():
            return "ok"
        case Rejected() | NotOpen():
            return "fail"
        case Unconfirmed():
            return "info"


def check_history(history: Iterable[object], house: House) -> list[Violation]:
    """Compare all operations with the exchange's orders, of every account, over the whole run."""
    operations: defaultdict[tuple[AccountId, ClientOrderId], list[Operation]] = defaultdict(list)
    for one in history:
        if isinstance(one, Operation):
            operations[one.account, one.client_order_id].append(one)
    taken = _taken(house)
    found: list[Violation] = []
    for key in sorted(operations.keys() | taken.keys()):
        found += _check_submits(key, [one for one in operations[key] if one.kind == "submit"], taken.get(key, []))
        found += _check_cancels(key, [one for one in operations[key] if one.kind == "cancel"], taken.get(key, []))
    return found


def _taken(house: House) -> Mapping[tuple[AccountId, ClientOrderId], Sequence[EngineOrder]]:
    """Our orders as the exchange has them; an order it rejected was never one."""
    taken: defaultdict[tuple[AccountId, ClientOrderId], list[EngineOrder]] = defaultdict(list)
    for order in house.exchange.floor.orders.all.values():
        if is_ours(order.client_order_id) and not order.liquidates and order.status is not Status.REJECTED:
            taken[order.account, ClientOrderId(order.client_order_id)].append(order)
    return taken


def _check_submits(
    key: tuple[AccountId, ClientOrderId], submits: Sequence[Operation], taken: Sequence[EngineOrder]
) -> list[Violation]:
    account, order = key
    for earlier, later in pairwise(submits):
        if not earlier.was_never_sent:
            told = earlier.outcome or "nobody knows"
            what = f"{account} {order} was sent at {earlier.invoked_ms} ({told}) and again at {later.invoked_ms}"
            return [Violation("history", what)]
    counts = Counter(one.outcome or "info" for one in submits)
    said = ", ".join(f"{counts[how]} {how}" for how in ("ok", "fail", "info") if counts[how]) or "never submitted"
    least, most = counts["ok"], counts["ok"] + counts["info"]
    if len(taken) > 1:
        return [Violation("history", f"{account} {order}: {len(taken)} orders at the venue under one id ({said})")]
    if not least <= len(taken) <= most:
        return [Violation("history", f"{account} {order}: {len(taken)} orders at the venue, yet {said}")]
    return []


def _check_cancels(
    key: tuple[AccountId, ClientOrderId], cancels: Sequence[Operation], taken: Sequence[EngineOrder]
) -> list[Violation]:
    """A cancel that was confirmed took an order off; one that was never asked for did not happen by us."""
    account, order = key
    if not any(one.outcome == "ok" for one in cancels):
        return []
    if not any(one.status is Status.CANCELED for one in taken):
        return [Violation("history", f"{account} {order}: its cancel was confirmed, yet the venue did not cancel it")]
    return []
