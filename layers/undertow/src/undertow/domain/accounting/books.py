"""From the venue's records to lines, round trips and flows of capital: one walk through time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from typing import Final

from undertow.domain.accounting.capital import Flow, cutoff_of, moment_of
from undertow.domain.accounting.funding import allocated
from undertow.domain.accounting.legs import Leg, Nets
from undertow.domain.accounting.owners import NOBODY, Owner, Owners
from undertow.domain.accounting.profit import QUOTE, Line
from undertow.domain.accounting.trips import RoundTrip
from undertow.domain.adjustment import Adjustment
from undertow.domain.fill import Fill
from undertow.domain.ids import Symbol
from undertow.domain.income import Income, IncomeKind
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO
from undertow.domain.position import Position
from undertow.domain.session import TradeSession

_PROFIT: Final = frozenset(
    {IncomeKind.FUNDING, IncomeKind.REBATE, IncomeKind.REWARD, IncomeKind.INSURANCE, IncomeKind.OTHER}
)
"""Realised profit and commission are told by the trades, and transfers are capital."""


@dataclass(frozen=True, slots=True)
class History:
    """All that is known of one account, from its beginning. ``trades`` are in the order of their time (``union``).

    ``quotes`` tells in which asset a symbol's profit is paid, where that is not the quote.
    """

    trades: Sequence[Fill]
    incomes: Sequence[Income]
    adjustments: Sequence[Adjustment] = ()
    positions: Sequence[Position] = ()
    sessions: Sequence[TradeSession] = ()
    quotes: Mapping[Symbol, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Books:
    """``cutoff_ms`` is the time of the account's first record at the venue; None when there is none yet.

    ``lines`` and ``flows`` are in the order of time. ``trips`` end with those that are still open.
    """

    lines: Sequence[Line]
    trips: Sequence[RoundTrip]
    flows: Sequence[Flow]
    cutoff_ms: int | None

    def closed_trips(self, from_ms: int, to_ms: int) -> list[RoundTrip]:
        """By their closing, both ends included."""
        return [trip for trip in self.trips if trip.closed_at_ms is not None and from_ms <= trip.closed_at_ms <= to_ms]


def books_of(history: History) -> Books:
    cutoff_ms = cutoff_of(history.trades, history.incomes)
    walk = _Walk(Owners(history.positions, history.sessions), history.quotes)
    walk.through(history.trades, [row for row in history.incomes if row.kind is IncomeKind.FUNDING])
    lines = walk.lines
    lines += [_other(row) for row in history.incomes if row.kind in _PROFIT and row.kind is not IncomeKind.FUNDING]
    entered = [one for one in history.adjustments if one.revoked_at_ms is None]
    lines += [_adjusted(one, cutoff_ms) for one in entered if one.kind is not IncomeKind.TRANSFER]
    flows = [
        Flow(row.time_ms, row.amount, row.asset, row.info, id=row.key)
        for row in history.incomes
        if row.kind is IncomeKind.TRANSFER
    ]
    flows += [
        Flow(moment_of(one, cutoff_ms), one.amount, QUOTE, one.note, one.id, one.id)
        for one in entered
        if one.kind is IncomeKind.TRANSFER
    ]
    return Books(
        lines=sorted(lines, key=lambda line: line.time_ms),
        trips=[*walk.closed, *(trip.ended(None) for trip in walk.open.values())],
        flows=sorted(flows, key=lambda flow: flow.time_ms),
        cutoff_ms=cutoff_ms,
    )


class _Travelling:
    """A round trip under way."""

    def __init__(self, symbol: Symbol, side: PositionSide, owner: Owner, opened_at_ms: int | None) -> None:
        self.begun = RoundTrip(symbol, side, owner, opened_at_ms)
        self.realized = self.commission = self.funding = ZERO

    def ended(self, time_ms: int | None) -> RoundTrip:
        return replace(
            self.begun,
            closed_at_ms=time_ms,
            realized=self.realized,
            commission=self.commission,
            funding=self.funding,
        )


class _Walk:
    """Trades and funding in the order of their time. A payment is for what was open before its moment."""

    def __init__(self, owners: Owners, quotes: Mapping[Symbol, str]) -> None:
        self.owners = owners
        self.quotes = quotes
        self.nets = Nets()
        self.lines: list[Line] = []
        self.open: dict[tuple[Symbol, PositionSide], _Travelling] = {}
        self.closed: list[RoundTrip] = []

    def through(self, trades: Sequence[Fill], funding: Sequence[Income]) -> None:
        payments = sorted(funding, key=_payment)
        due = [(key, list(rows)) for key, rows in groupby(payments, key=_payment)]
        paid = 0
        for trade in trades:
            while paid < len(due) and due[paid][0][0] <= trade.time_ms:
                self._pay(due[paid][1])
                paid += 1
            for leg in self.nets.take(trade):
                self._take(leg)
        for _, rows in due[paid:]:
            self._pay(rows)

    def _take(self, leg: Leg) -> None:
        trade = leg.trade
        owner = self.owners.of(trade.symbol, leg.side, trade.time_ms, leg.opens)
        realized_in = self.quotes.get(trade.symbol, QUOTE)
        apart: dict[str, Decimal] = {}
        if realized_in != QUOTE and leg.realized:
            apart[realized_in] = leg.realized
        if trade.commission_asset != QUOTE and leg.commission:
            apart[trade.commission_asset] = apart.get(trade.commission_asset, ZERO) - leg.commission
        commission = leg.commission if trade.commission_asset == QUOTE else ZERO
        realized = leg.realized if realized_in == QUOTE else ZERO
        self.lines.append(
            Line(
                time_ms=trade.time_ms,
                symbol=trade.symbol,
                side=leg.side,
                owner=owner,
                realized=realized,
                commission=commission,
                apart=apart,
                volume=leg.volume,
                trades=leg.trades,
            )
        )
        self._travel(leg, owner, realized, commission)

    def _travel(self, leg: Leg, owner: Owner, realized: Decimal, commission: Decimal) -> None:
        key = (leg.trade.symbol, leg.side)
        trip = self.open.get(key)
        if trip is None:
            trip = self.open[key] = _Travelling(*key, owner, leg.trade.time_ms if leg.opens else None)
        trip.realized += realized
        trip.commission += commission
        if not leg.opens and self._is_flat(leg):
            self.closed.append(self.open.pop(key).ended(leg.trade.time_ms))

    def _is_flat(self, leg: Leg) -> bool:
        return self.nets.open(leg.trade.symbol, leg.side) == 0

    def _pay(self, rows: Sequence[Income]) -> None:
        symbol = rows[0].symbol
        long = short = ZERO
        if symbol is not None:
            long, short = self.nets.open(symbol, PositionSide.LONG), self.nets.open(symbol, PositionSide.SHORT)
        for row, shares in zip(rows, allocated(rows, long, short), strict=True):
            for side, amount in shares.items():
                self._receive(row, side, amount)

    def _receive(self, row: Income, side: PositionSide | None, amount: Decimal) -> None:
        in_quote = row.asset == QUOTE
        apart = {} if in_quote else {row.asset: amount}
        funding = amount if in_quote else ZERO
        owner = NOBODY
        if row.symbol is not None and side is not None:
            owner = self.owners.of(row.symbol, side, row.time_ms, opens=False)
            trip = self.open.get((row.symbol, side))
            if trip is not None:
                trip.funding += funding
        self.lines.append(Line(row.time_ms, row.symbol, side, owner, funding=funding, apart=apart))


def _payment(row: Income) -> tuple[int, str]:
    return row.time_ms, row.symbol or ""


def _other(row: Income) -> Line:
    if row.asset == QUOTE:
        return Line(row.time_ms, row.symbol, other=row.amount)
    return Line(row.time_ms, row.symbol, apart={row.asset: row.amount})


def _adjusted(one: Adjustment, cutoff_ms: int | None) -> Line:
    time_ms = moment_of(one, cutoff_ms)
    match one.kind:
        case IncomeKind.REALIZED_PNL:
            return Line(time_ms, realized=one.amount)
        case IncomeKind.COMMISSION:
            return Line(time_ms, commission=-one.amount)
        case IncomeKind.FUNDING:
            return Line(time_ms, funding=one.amount)
        case _:
            return Line(time_ms, other=one.amount)
