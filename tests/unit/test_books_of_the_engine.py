"""The books against the matching engine's own: whatever was traded, the records explain the wallet to a digit."""

from collections import defaultdict
from decimal import Decimal
from random import Random

import pytest
from tests.unit.matching.conftest import BTC, ETH, MAIN, START_MS, Desk, contract

from undertow.adapters.paper.accounts import IncomeType, money
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.exchange import Exchange
from undertow.domain.accounting.books import History, books_of
from undertow.domain.accounting.capital import Check, capital
from undertow.domain.accounting.legs import Nets, union
from undertow.domain.accounting.profit import Grouping, grouped, total
from undertow.domain.fill import Fill
from undertow.domain.ids import Symbol, TradeId, VenueOrderId
from undertow.domain.income import Income, IncomeKind
from undertow.domain.market import PositionSide

KINDS = {
    IncomeType.TRANSFER: IncomeKind.TRANSFER,
    IncomeType.REALIZED_PNL: IncomeKind.REALIZED_PNL,
    IncomeType.FUNDING_FEE: IncomeKind.FUNDING,
    IncomeType.COMMISSION: IncomeKind.COMMISSION,
    IncomeType.INSURANCE_CLEAR: IncomeKind.INSURANCE,
}
SIDES = {Leg.LONG: PositionSide.LONG, Leg.SHORT: PositionSide.SHORT, Leg.BOTH: None}
PRICES = {BTC: 50_000, ETH: 3_000}
SYMBOLS = (BTC, ETH)


def fills(exchange: Exchange) -> list[Fill]:
    return [
        Fill(
            account=MAIN,
            symbol=trade.symbol,
            trade_id=TradeId(trade.id),
            venue_order_id=VenueOrderId(trade.order_id),
            client_order_id=None,
            side=trade.side,
            position_side=SIDES[trade.leg],
            price=trade.price,
            quantity=trade.quantity,
            commission=trade.commission,
            commission_asset="USDT",
            realized_pnl=trade.realized,
            maker=trade.maker,
            time_ms=trade.time_ms,
        )
        for trade in exchange.trades(MAIN)
    ]


def incomes(exchange: Exchange) -> list[Income]:
    return [
        Income(
            account=MAIN,
            id=str(row.transaction_id),
            kind=KINDS[row.type],
            venue_kind=row.type.value,
            asset="USDT",
            amount=row.amount,
            time_ms=row.time_ms,
            symbol=Symbol(row.symbol) if row.symbol else None,
        )
        for row in exchange.incomes(MAIN)
    ]


def traded_at_random(seed: int, hedged: bool) -> tuple[Desk, dict[str, Decimal]]:
    """Hundreds of orders that open, reduce, flip and hedge, with funding, fees and transfers between them.

    Returns what was paid for funding by side, as the positions at each stamp tell.
    """
    chance = Random(seed)
    desk = Desk(Exchange([contract(BTC), contract(ETH)], first_id=1_000))
    desk.exchange.open_account(MAIN, Decimal(100_000), Decimal(50_000), START_MS)
    if hedged:
        desk.hedge()
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for step in range(300):
        desk.now_ms += chance.randint(0, 2_000)
        symbol = chance.choice(SYMBOLS)
        price = PRICES[symbol] + chance.randint(-500, 500)
        desk.quote(price, price + 1, symbol=symbol)
        if step % 40 == 39:
            fund(desk, symbol, Decimal(chance.randint(-9, 9)) / 10_000, paid)
        if step % 100 == 99:
            desk.exchange.transfer(MAIN, "USDT", Decimal(chance.randint(1, 900)), f"t{step}", desk.now_ms)
        quantity = Decimal(chance.randint(1, 40)) / 100
        more = {"leg": chance.choice((Leg.LONG, Leg.SHORT))} if hedged else {}
        try:
            desk.place(chance.choice(("BUY", "SELL")), "MARKET", symbol=symbol, quantity=quantity, **more)
        except ExchangeError:
            continue  # more than is held, or than the margin carries
    return desk, paid


def fund(desk: Desk, symbol: Symbol, rate: Decimal, paid: dict[str, Decimal]) -> None:
    desk.now_ms += 1
    if sum(desk.position(leg, symbol).amount for leg in Leg) == 0:
        return  # of two sides of one size nobody can tell from the two payments which was whose
    for leg in Leg:
        amount = desk.position(leg, symbol).amount
        side = PositionSide.LONG if amount > 0 else PositionSide.SHORT
        paid[side.value] += money(-amount * desk.exchange.floor.mark(symbol) * rate)
    desk.exchange.on_funding(symbol, rate, desk.now_ms)
    desk.now_ms += 1


@pytest.mark.parametrize("hedged", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_wallet_is_explained_exactly(seed: int, hedged: bool) -> None:
    desk, _ = traded_at_random(seed, hedged)
    books = books_of(History(union(fills(desk.exchange), ()), incomes(desk.exchange)))
    profit = total(books.lines)
    assert profit.trades > 100
    assert profit.funding
    check = Check(desk.account.wallet, capital(books.flows)["USDT"], profit.net)
    assert check.unexplained == 0
    listed = sum((row.amount for row in incomes(desk.exchange) if row.kind is IncomeKind.REALIZED_PNL), Decimal(0))
    assert profit.realized == listed


@pytest.mark.parametrize("hedged", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_open_and_whose_funding_was_paid_follow_from_the_trades(seed: int, hedged: bool) -> None:
    desk, paid = traded_at_random(seed, hedged)
    trades = union(fills(desk.exchange), ())
    nets = Nets()
    for trade in trades:
        nets.take(trade)
    legs = (Leg.LONG, Leg.SHORT) if hedged else (Leg.BOTH,)
    for symbol in SYMBOLS:
        held = [desk.position(leg, symbol).amount for leg in legs]
        assert nets.open(symbol, PositionSide.LONG) == sum((one for one in held if one > 0), Decimal(0))
        assert nets.open(symbol, PositionSide.SHORT) == -sum((one for one in held if one < 0), Decimal(0))
    books = books_of(History(trades, incomes(desk.exchange)))
    funding = {side: profit.funding for side, profit in grouped(books.lines, Grouping.SIDE).items()}
    assert {side: amount for side, amount in funding.items() if amount} == {s: a for s, a in paid.items() if a}
    still_open = [trip for trip in books.trips if trip.closed_at_ms is None]
    assert len(still_open) == sum(1 for symbol in SYMBOLS for leg in legs if desk.position(leg, symbol).amount)
