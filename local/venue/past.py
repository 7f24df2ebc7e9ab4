"""Books a past on an account: fills and incomes of long ago, as if the venue had been open all along.

Everything that reads history (``/userTrades``, ``/income``, ``/allOrders``, ``/sim/report``) shows it like what
happened since, and the wallet holds what it moved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final, TypeVar

from local.venue.house import House

from undertow.adapters.paper.accounts import Income, IncomeType, Trade, TradingAccount, money
from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.events import Leg, Status
from undertow.adapters.paper.floor import Floor, Ids
from undertow.adapters.paper.orders import EngineOrder
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO
from undertow.domain.order import OrderType, TimeInForce, WorkingType

_IDS_PER_ENTRY: Final = 2
"""A fill takes two transactions: commission and profit."""
_HOUR_MS: Final = 3_600_000

T = TypeVar("T", bound=Trade | Income)


@dataclass(frozen=True, slots=True)
class PastFill:
    """One fill. Fills with one ``client_order_id`` are of one order; profit and commission follow from the fill.

    In hedge mode ``leg`` is LONG or SHORT, in one-way mode BOTH.
    """

    time_ms: int
    symbol: Symbol
    side: Side
    price: Decimal
    quantity: Decimal
    client_order_id: str
    leg: Leg = Leg.BOTH
    maker: bool = False


@dataclass(frozen=True, slots=True)
class PastIncome:
    """What moved the wallet without a trade: ``amount`` is positive when it came in. ``symbol`` is empty for transfers.

    Deposits and withdrawals are TRANSFERs of either sign.
    """

    time_ms: int
    type: IncomeType
    amount: Decimal
    symbol: str = ""


Past = PastFill | PastIncome


def seed_history(house: House, account: AccountId, past: Iterable[Past]) -> None:
    """Book ``past`` on ``account``: trades, their orders, COMMISSION and REALIZED_PNL, and the given incomes.

    Times may be given in any order; equal times keep theirs. All of it must lie before everything that the account
    did so far, which begins with the deposit at the house's opening: otherwise ValueError. Ids ascend with time and
    lie below all that the venue gave out so far, so a second account can be given a past too. What is bought and not
    sold again is an open position now (cross margin, at its cost). Nothing is published: nobody listened then.
    """
    floor = house.exchange.floor
    entries = sorted(past, key=lambda entry: entry.time_ms)
    began_ms = min((row.time_ms for row in house.exchange.incomes(account)), default=house.now_ms)
    if entries and entries[-1].time_ms >= began_ms:
        raise ValueError(f"a past ends before {began_ms}, this one at {entries[-1].time_ms}")
    booking = _Booking(floor, floor.account(account), _ids_before(floor, len(entries)))
    for entry in entries:
        booking.book(entry)
    floor.trades[:] = _by_time(booking.trades, floor.trades)
    floor.incomes[:] = _by_time(booking.incomes, floor.incomes)
    for symbol in sorted({held.symbol for held in booking.account.open_positions()}):
        house.refresh(symbol)
    house.follow()


class _Booking:
    """Writes the entries of one account, oldest first."""

    def __init__(self, floor: Floor, account: TradingAccount, ids: Ids) -> None:
        self.account = account
        self.trades: list[Trade] = []
        self.incomes: list[Income] = []
        self._floor = floor
        self._ids = ids
        self._orders: dict[str, EngineOrder] = {}

    def book(self, entry: Past) -> None:
        if isinstance(entry, PastIncome):
            self._income(entry.symbol, entry.type, entry.amount, entry.time_ms)
        else:
            self._fill(entry)

    def _fill(self, fill: PastFill) -> None:
        contract, order = self._floor.contract(fill.symbol), self._order(fill)
        position = self.account.position(fill.symbol, fill.leg)
        realized, opened = position.trade(fill.quantity if fill.side is Side.BUY else -fill.quantity, fill.price)
        position.updated_at_ms = fill.time_ms
        rate = contract.maker_fee if fill.maker else contract.taker_fee
        trade = Trade(
            id=self._ids.next_trade(),
            account=self.account.id,
            symbol=fill.symbol,
            order_id=order.id,
            client_order_id=fill.client_order_id,
            side=fill.side,
            leg=fill.leg,
            price=fill.price,
            quantity=fill.quantity,
            realized=realized,
            commission=money(fill.price * fill.quantity * rate),
            maker=fill.maker,
            time_ms=fill.time_ms,
        )
        self.trades.append(trade)
        if trade.commission:
            self._income(fill.symbol, IncomeType.COMMISSION, -trade.commission, fill.time_ms, trade.id)
        if opened != fill.quantity:
            self._income(fill.symbol, IncomeType.REALIZED_PNL, realized, fill.time_ms, trade.id)
        order.quantity += fill.quantity
        order.filled += fill.quantity
        order.filled_quote += fill.price * fill.quantity
        order.updated_at_ms = fill.time_ms

    def _order(self, fill: PastFill) -> EngineOrder:
        known = self._orders.get(fill.client_order_id)
        if known is not None:
            return known
        order = EngineOrder(
            id=self._ids.next_order(),
            account=self.account.id,
            symbol=fill.symbol,
            client_order_id=fill.client_order_id,
            side=fill.side,
            leg=fill.leg,
            type=OrderType.LIMIT if fill.maker else OrderType.MARKET,
            original_type=OrderType.LIMIT if fill.maker else OrderType.MARKET,
            time_in_force=TimeInForce.GTC,
            quantity=ZERO,
            price=fill.price if fill.maker else ZERO,
            stop_price=ZERO,
            reduce_only=False,
            close_position=False,
            working_type=WorkingType.CONTRACT_PRICE,
            price_protect=False,
            self_trade=self.account.self_trade,
            created_at_ms=fill.time_ms,
            updated_at_ms=fill.time_ms,
            priority=self._floor.ids.next_priority(),
            status=Status.FILLED,
        )
        self._orders[fill.client_order_id] = order
        self._floor.orders.add(order)
        return order

    def _income(self, symbol: str, kind: IncomeType, amount: Decimal, time_ms: int, trade_id: int = 0) -> None:
        self.account.wallet += amount
        self.incomes.append(
            Income(self.account.id, symbol, kind, amount, time_ms, self._ids.next_transaction(), trade_id)
        )


def _ids_before(floor: Floor, entries: int) -> Ids:
    """Room for ``entries`` below the lowest id of each kind."""
    room = entries * _IDS_PER_ENTRY
    return Ids(
        order=min((*floor.orders.all, floor.ids.order + 1)) - 1 - room,
        trade=min((*(trade.id for trade in floor.trades), floor.ids.trade + 1)) - 1 - room,
        transaction=min((*(row.transaction_id for row in floor.incomes), floor.ids.transaction + 1)) - 1 - room,
    )


def _by_time(past: Sequence[T], known: Sequence[T]) -> list[T]:
    return sorted([*past, *known], key=lambda row: row.time_ms)


def drawn_past(
    contract: Contract,
    *,
    price: Decimal,
    trades: int,
    from_ms: int,
    to_ms: int,
    dense: int = 0,
    dense_from_ms: int = 0,
    seed: int = 1,
) -> list[Past]:
    """A past of ``trades`` fills of one symbol between the two times, ``dense`` of them within the hour that begins at
    ``dense_from_ms`` and many of those in the same millisecond; funding every eight hours; a deposit and a withdrawal.

    Every second fill closes what the one before opened, so that nothing stays open where ``trades`` is even.
    """
    random = Random(f"past {seed}")
    instrument = contract.instrument
    times = [random.randrange(from_ms, to_ms) for _ in range(trades - dense)]
    few = [dense_from_ms + random.randrange(_HOUR_MS) for _ in range(max(1, dense // 5))]
    times = sorted(times + [random.choice(few) for _ in range(dense)])
    quantity = instrument.quantity_below(2 * instrument.min_notional / price) or instrument.min_quantity
    past: list[Past] = [
        PastIncome(from_ms, IncomeType.TRANSFER, Decimal(5_000)),
        PastIncome((from_ms + to_ms) // 2, IncomeType.TRANSFER, Decimal(-1_250)),
    ]
    for number, time_ms in enumerate(times):
        paid = instrument.price_below(price * Decimal(random.randint(9_500, 10_500)) / 10_000)
        side, opener = (Side.BUY, number) if number % 2 == 0 else (Side.SELL, number - 1)
        past.append(
            PastFill(
                time_ms, contract.symbol, side, paid, quantity, f"past-{side.value[0]}{opener}", maker=number % 3 == 0
            )
        )
    for due_ms in range(from_ms - from_ms % (8 * _HOUR_MS) + 8 * _HOUR_MS, to_ms, 8 * _HOUR_MS):
        fee = Decimal(random.randint(-50, 50)) / 1_000
        past.append(PastIncome(due_ms, IncomeType.FUNDING_FEE, fee, contract.symbol))
    return past
