"""The venue's side of the story, followed by its events: positions, orders by our ids, and what each trade did."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.adapters.paper.events import Execution, Leg, OrderEvent
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, Symbol, is_ours
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO
from undertow.domain.order import Order

_TRADES: Final = frozenset({Execution.TRADE, Execution.CALCULATED})
LegKey = tuple[AccountId, Symbol, Leg]
OrderKey = tuple[AccountId, ClientOrderId]


@dataclass(slots=True)
class Standing:
    """One of our orders at the venue. ``open`` is whether it may still fill."""

    number: int
    is_open: bool
    close_position: bool
    quantity: Decimal
    filled: Decimal
    leg: LegKey


@dataclass(slots=True)
class Held:
    """What our entries have open on one leg, at their own limit prices."""

    quantity: Decimal = ZERO
    notional: Decimal = ZERO
    margin: Decimal = ZERO

    def keep(self, share: Decimal) -> None:
        self.quantity, self.notional, self.margin = self.quantity * share, self.notional * share, self.margin * share


@dataclass(slots=True)
class MarketTruth:
    """Subscribed to the house; judges each event as it comes."""

    universe: Universe
    trades: dict[int, OrderEvent] = field(default_factory=dict)
    amounts: defaultdict[LegKey, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    ours: dict[OrderKey, Standing] = field(default_factory=dict)
    found: list[Violation] = field(default_factory=list)
    _past: defaultdict[LegKey, "deque[tuple[int, Decimal]]"] = field(
        default_factory=lambda: defaultdict(lambda: deque([(0, ZERO)], maxlen=400))
    )
    """Amounts and since when they held."""
    _held: defaultdict[AccountId, dict[LegKey, Held]] = field(default_factory=lambda: defaultdict(dict))
    _open_entries: defaultdict[AccountId, dict[ClientOrderId, None]] = field(default_factory=lambda: defaultdict(dict))
    _open_exits: defaultdict[LegKey, dict[OrderKey, None]] = field(default_factory=lambda: defaultdict(dict))

    def begin(self) -> None:
        """From what stands now, on to everything that happens."""
        for account in self.universe.house.exchange.floor.accounts.values():
            for position in account.open_positions():
                self.amounts[account.id, position.symbol, position.leg] = position.amount
                self._past[account.id, position.symbol, position.leg].append((0, position.amount))
        self.universe.house.subscribe(self.hear)

    # --- what others ask --------------------------------------------------------------------------------------------

    def held(self, account: AccountId) -> tuple[Decimal, Decimal]:
        """Notional and margin."""
        legs = self._held[account].values()
        return sum((one.notional for one in legs), ZERO), sum((one.margin for one in legs), ZERO)

    def standing_entries(self, account: AccountId) -> Iterable[ClientOrderId]:
        return self._open_entries[account]

    def may_still_fill(self, account: AccountId, order: Order) -> Decimal:
        """Base units: all of an order that may yet arrive, what is left of one that stands, none of one that ended."""
        seen = self.ours.get((account, order.client_order_id))
        if seen is None:
            return ZERO if order.state.is_final else (order.intent.quantity or ZERO)
        return seen.quantity - seen.filled if seen.is_open else ZERO

    def held_since(self, account: AccountId, symbol: Symbol, leg: Leg, since_ms: int) -> Iterable[Decimal]:
        """Every amount that the leg had at some time from then on, up to this very moment. None where there never was
        such a leg: that an account with two sides holds nothing on neither says nothing of them.
        """
        if (account, symbol, leg) not in self._past:
            return
        yield self.universe.house.exchange.account(account).position(symbol, leg).amount
        for from_ms, amount in reversed(self._past[account, symbol, leg]):
            yield amount
            if from_ms <= since_ms:
                return

    def has_two_sides(self, account: AccountId, symbol: Symbol) -> bool:
        """Whether the venue ever held a leg of its own for a side."""
        return any((account, symbol, leg) in self._past for leg in (Leg.LONG, Leg.SHORT))

    def check_fill(self, fill: Fill) -> list[Violation]:
        """A booked fill is a trade of the venue, digit by digit."""
        trade = self.trades.get(int(fill.trade_id))
        if trade is None:
            return [Violation("I6", f"fill {fill.trade_id} of {fill.symbol} was booked, the venue has no such trade")]
        booked = (fill.account, fill.symbol, fill.side, fill.price, fill.quantity, fill.commission, fill.realized_pnl)
        true = (
            trade.account,
            trade.symbol,
            trade.side,
            trade.last_price,
            trade.last_quantity,
            trade.commission,
            trade.realized_pnl,
        )
        if booked != true:
            return [Violation("I6", f"fill {fill.trade_id} was booked as {booked}, the venue traded {true}")]
        return []

    # --- what happens -----------------------------------------------------------------------------------------------

    def hear(self, event: object) -> None:
        if not isinstance(event, OrderEvent):
            return
        leg = (event.account, event.symbol, event.leg)
        if is_ours(event.client_order_id):
            self._order(event, leg)
        if event.execution in _TRADES and event.trade_id:
            self._trade(event, leg)

    def _order(self, event: OrderEvent, leg: LegKey) -> None:
        key = (event.account, ClientOrderId(event.client_order_id))
        known = self.ours.get(key)
        if known is not None and known.number != event.order_id:
            self._report("I3", f"{event.account}: two orders at the venue are {event.client_order_id}")
        if known is None or known.number != event.order_id:
            self._arrive(event, key, leg)
        standing = self.ours[key]
        standing.filled, standing.is_open = event.cumulative_quantity, event.status.is_open
        self._list(event, key, leg, standing)

    def _arrive(self, event: OrderEvent, key: OrderKey, leg: LegKey) -> None:
        self.ours[key] = Standing(event.order_id, True, event.close_position, event.quantity, ZERO, leg)
        if key[1] not in self.universe.store.orders[event.account]:
            self._report("I3", f"{event.client_order_id} reached the venue and was never written down")
        if _letter(event) != "x" or event.close_position:
            return
        others = sum((self.ours[other].quantity - self.ours[other].filled for other in self._open_exits[leg]), ZERO)
        if others and others + event.quantity > abs(self.amounts[leg]):
            self._report("I8", f"{event.client_order_id}: exits of {others + event.quantity} on {self.amounts[leg]}")

    def _list(self, event: OrderEvent, key: OrderKey, leg: LegKey, standing: Standing) -> None:
        letter = _letter(event)
        if letter == "e":
            _keep(self._open_entries[event.account], key[1], standing.is_open)
        elif letter == "x" and not standing.close_position:
            _keep(self._open_exits[leg], key, standing.is_open)

    def _trade(self, event: OrderEvent, leg: LegKey) -> None:
        self.trades[event.trade_id] = event
        before = self.amounts[leg]
        after = before + (event.last_quantity if event.side is Side.BUY else -event.last_quantity)
        self.amounts[leg] = after
        self._past[leg].append((event.time_ms, after))
        letter = _letter(event) if is_ours(event.client_order_id) else ""
        if letter in ("s", "t", "x") and (abs(after) > abs(before) or before * after < 0):
            self._report("I8", f"{event.client_order_id} took {event.symbol} {event.leg} from {before} to {after}")
        self._hold(event, leg, before, after, letter)

    def _hold(self, event: OrderEvent, leg: LegKey, before: Decimal, after: Decimal, letter: str) -> None:
        held = self._held[event.account].setdefault(leg, Held())
        if before * after < 0:
            held.keep(ZERO)
            before = ZERO
        if abs(after) < abs(before):
            taken = abs(before) - abs(after)
            if letter and held.quantity:
                # Our exits take off what our entries opened, whatever its owner holds beside it.
                held.keep(max(ZERO, held.quantity - taken) / held.quantity)
            else:
                held.keep(abs(after) / abs(before))
        elif letter == "e":
            order = self.universe.store.orders[event.account].get(ClientOrderId(event.client_order_id))
            price = event.price if order is None or order.intent.price is None else order.intent.price
            leverage = 1 if order is None else order.intent.leverage
            held.quantity += abs(after) - abs(before)
            held.notional += (abs(after) - abs(before)) * price
            held.margin += (abs(after) - abs(before)) * price / leverage

    def _report(self, invariant: str, what: str) -> None:
        self.found.append(Violation(invariant, what))


def _letter(event: OrderEvent) -> str:
    """Of our ids: e for entries, s for stops, t for targets, x for exits."""
    return event.client_order_id[3:4]


def _keep(among: dict[Any, None], key: object, kept: bool) -> None:
    if kept:
        among[key] = None
    else:
        among.pop(key, None)
