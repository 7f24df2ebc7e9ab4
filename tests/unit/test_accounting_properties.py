"""Laws of the accounting, over histories that nobody picked."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.accounts import entered, received, traded
from tests.unit.builders import BTC, HUNTER, LONG, NOW_MS, SHORT, position

from undertow.domain.accounting.books import History, books_of
from undertow.domain.accounting.capital import Flow
from undertow.domain.accounting.funding import allocated
from undertow.domain.accounting.legs import Nets, union
from undertow.domain.accounting.profit import Grouping, Profit, grouped, total, within
from undertow.domain.accounting.returns import EquityPoint, curve, drawdown
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, PositionId, Symbol, TradeId
from undertow.domain.income import IncomeKind
from undertow.domain.market import Side
from undertow.domain.session import SessionId, TradeSession

SPAN_MS = 3 * 86_400_000
amounts = st.decimals("-1000", "1000", places=8)
sizes = st.decimals("0.001", "50", places=3)
moments = st.integers(NOW_MS, NOW_MS + SPAN_MS)
assets = st.sampled_from(["USDT", "USDT", "USDT", "ASTER"])
symbols = st.sampled_from([BTC, Symbol("ETHUSDT")])

trades = st.builds(
    lambda side, size, realized, fee, asset, of, at_ms, symbol: traded(
        side, str(size), realized=str(realized), fee=str(fee), of=of, at_ms=at_ms, symbol=symbol, commission_asset=asset
    ),
    st.sampled_from(Side),
    sizes,
    amounts,
    amounts,
    assets,
    st.sampled_from([LONG, SHORT, None]),
    moments,
    symbols,
)
incomes = st.builds(
    lambda kind, amount, asset, at_ms, symbol: received(kind, str(amount), at_ms, asset=asset, symbol=symbol),
    st.sampled_from(IncomeKind),
    amounts,
    assets,
    moments,
    st.one_of(st.none(), symbols),
)
adjustments = st.builds(
    lambda kind, amount, at_ms: entered(kind, str(amount), at_ms),
    st.sampled_from(IncomeKind),
    amounts,
    st.one_of(st.none(), moments),
)
positions = st.builds(
    lambda name, side, opened_ms, length, strategy, symbol: position(
        id=PositionId(str(name)),
        side=side,
        symbol=symbol,
        opened_at_ms=opened_ms,
        closed_at_ms=opened_ms + length,
        strategy=strategy,
    ),
    st.integers(),
    st.sampled_from([LONG, SHORT]),
    moments,
    st.integers(0, SPAN_MS),
    st.sampled_from([HUNTER, None]),
    symbols,
)
SESSIONS = (TradeSession(SessionId("s1"), AccountId("main"), HUNTER, NOW_MS + SPAN_MS // 2, "anna"),)
histories = st.builds(
    lambda some, rows, told, held: History(union(some, ()), rows, told, held, SESSIONS),
    st.lists(trades, max_size=25),
    st.lists(incomes, max_size=15),
    st.lists(adjustments, max_size=4),
    st.lists(positions, max_size=6),
)


def added(one: Profit, other: Profit) -> Profit:
    assets_of_both = one.apart.keys() | other.apart.keys()
    return Profit(
        one.realized + other.realized,
        one.commission + other.commission,
        one.funding + other.funding,
        one.other + other.other,
        {asset: one.apart.get(asset, Decimal(0)) + other.apart.get(asset, Decimal(0)) for asset in assets_of_both},
        one.volume + other.volume,
        one.trades + other.trades,
    )


@given(histories, st.sampled_from(Grouping))
def test_the_groups_add_up_to_the_total_whatever_they_are_grouped_by(history: History, by: Grouping) -> None:
    lines = books_of(history).lines
    together = Profit()
    for profit in grouped(lines, by).values():
        together = added(together, profit)
    assert together == total(lines)


@given(histories, moments)
def test_a_range_that_is_cut_in_two_adds_up(history: History, cut_ms: int) -> None:
    lines = books_of(history).lines
    first, second = within(lines, 0, cut_ms), within(lines, cut_ms + 1, NOW_MS + 2 * SPAN_MS)
    assert added(total(first), total(second)) == total(lines)


@given(histories)
def test_the_total_is_what_the_records_say_one_by_one(history: History) -> None:
    profit = total(books_of(history).lines)
    told = [one for one in history.adjustments if one.revoked_at_ms is None]

    def summed(kind: IncomeKind) -> Decimal:
        listed = sum((row.amount for row in history.incomes if row.kind is kind and row.asset == "USDT"), Decimal(0))
        return listed + sum((one.amount for one in told if one.kind is kind), Decimal(0))

    fees = sum((fill.commission for fill in history.trades if fill.commission_asset == "USDT"), Decimal(0))
    manual = {kind: sum((one.amount for one in told if one.kind is kind), Decimal(0)) for kind in IncomeKind}
    realized = sum((fill.realized_pnl for fill in history.trades), Decimal(0))
    assert profit.realized == realized + manual[IncomeKind.REALIZED_PNL]
    assert profit.commission == fees - manual[IncomeKind.COMMISSION]
    assert profit.funding == summed(IncomeKind.FUNDING)
    others = (IncomeKind.REBATE, IncomeKind.REWARD, IncomeKind.INSURANCE, IncomeKind.OTHER)
    assert profit.other == sum((summed(kind) for kind in others), Decimal(0))
    assert profit.trades == len(history.trades)


@given(histories)
def test_round_trips_hold_all_profit_but_what_belongs_to_no_position(history: History) -> None:
    books = books_of(history)
    of_trips = sum((trip.net for trip in books.trips), Decimal(0))
    of_none = total(line for line in books.lines if line.side is None)
    assert of_trips + of_none.net == total(books.lines).net


@given(st.lists(trades, max_size=30))
def test_the_parts_of_a_trade_are_the_trade(some: list[Fill]) -> None:
    nets = Nets()
    for trade in union(some, ()):
        legs = nets.take(trade)
        assert sum((leg.quantity for leg in legs), Decimal(0)) == trade.quantity
        assert sum((leg.commission for leg in legs), Decimal(0)) == trade.commission
        assert sum((leg.realized for leg in legs), Decimal(0)) == trade.realized_pnl
        assert sum(leg.trades for leg in legs) == 1
        assert nets.open(trade.symbol, LONG) >= 0
        assert nets.open(trade.symbol, SHORT) >= 0


@given(st.lists(trades, max_size=20), st.lists(st.booleans(), min_size=20, max_size=20), st.randoms())
def test_it_does_not_matter_which_of_the_two_histories_knows_a_trade_nor_in_which_order(
    some: list[Fill], imported: list[bool], chance: object
) -> None:
    known = [fill for fill, is_imported in zip(some, imported, strict=False) if is_imported]
    shuffled = list(some)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert union(known, shuffled) == union(some, some) == union([], some)


@given(
    st.lists(amounts, min_size=1, max_size=2),
    st.one_of(st.just(Decimal(0)), sizes),
    st.one_of(st.just(Decimal(0)), sizes),
)
def test_funding_is_given_away_whole_and_once(paid: list[Decimal], long: Decimal, short: Decimal) -> None:
    rows = [received(IncomeKind.FUNDING, str(amount)) for amount in paid]
    shares = allocated(rows, long, short)
    assert [sum(share.values(), Decimal(0)) for share in shares] == paid
    for share in shares:
        assert (LONG not in share) or long > 0
        assert (SHORT not in share) or short > 0


@given(
    st.lists(st.tuples(st.integers(1, 1_000), st.decimals("-900", "5000", places=2)), max_size=10),
    st.decimals("1000", "9000", places=2),
)
def test_while_nothing_is_earned_no_deposit_or_withdrawal_changes_the_return(
    flows: list[tuple[int, Decimal]], start: Decimal
) -> None:
    """Equity is flat but for the flows: as long as something is left, the return is exactly zero."""
    kept: list[Flow] = []
    equity, points = start, [EquityPoint(NOW_MS, start)]
    for step, (after_ms, amount) in enumerate(flows, start=1):
        if equity + amount <= 0:
            continue
        equity += amount
        time_ms = NOW_MS + step * 10_000
        kept.append(Flow(time_ms - after_ms, amount))
        points.append(EquityPoint(time_ms, equity))
    found = curve(points, kept)
    assert found.time_weighted_pct in (None, 0)
    assert drawdown(found) is None
    assert set(found.net) <= {start}


@given(st.lists(st.decimals("1", "9000", places=2), min_size=2, max_size=12), st.decimals("0.01", "100", places=2))
def test_a_return_does_not_depend_on_the_unit_of_money(equities: list[Decimal], unit: Decimal) -> None:
    points = [EquityPoint(NOW_MS + number, equity) for number, equity in enumerate(equities)]
    scaled = [replace(point, equity=point.equity * unit) for point in points]
    one, other = curve(points, []).time_weighted_pct, curve(scaled, []).time_weighted_pct
    assert one is not None
    assert other is not None
    assert abs(one - other) < Decimal("1e-15")


def test_a_trade_of_another_symbol_with_the_same_id_is_another_trade() -> None:
    one = traded(Side.BUY, "1", trade_id=TradeId(7))
    assert len(union([one], [replace(one, symbol=Symbol("ETHUSDT"))])) == 2
