"""A market that is pushed says another price everywhere at once, and the tape's where it is not."""

from decimal import Decimal
from random import Random

from local.venue.happenings import Liquidated, Ticked
from local.venue.shocked import ShockedMarket
from tests.simulation.market import START_MS, drawn_market

from undertow.domain.numbers import ONE

HALF = Decimal("0.5")


def markets():
    plain, pushed = (drawn_market(Random("m"), 3, 2, 3.0) for _ in range(2))
    shocked = ShockedMarket(pushed)
    for one in (plain, shocked):
        one.watch("test", one.symbols())
    return plain, shocked


def test_without_a_push_it_is_the_tape():
    plain, shocked = markets()
    assert list(shocked.until(START_MS + 30_000)) == list(plain.until(START_MS + 30_000))
    assert [shocked.quote(one) for one in shocked.symbols()] == [plain.quote(one) for one in plain.symbols()]


def test_a_push_moves_book_trades_marks_and_liquidations_of_its_symbol():
    plain, shocked = markets()
    symbol, other = shocked.symbols()
    shocked.push(symbol, HALF)
    tick = shocked.contract(symbol).instrument.tick_size
    for was, event in zip(plain.until(START_MS + 60_000), shocked.until(START_MS + 60_000), strict=True):
        if event.symbol == other:
            assert event == was
        elif isinstance(event, Ticked):
            assert abs(event.quote.bid - was.quote.bid / 2) <= tick
            assert event.quote.bid < event.quote.ask
            assert event.quote.ask % tick == event.quote.bid % tick == 0
            assert abs(event.quote.mark - was.quote.mark / 2) < Decimal("1E-7")
            assert abs(event.trade.price - was.trade.price / 2) <= tick
        elif isinstance(event, Liquidated):
            assert abs(Decimal(event.payload["o"]["ap"]) - Decimal(was.payload["o"]["ap"]) / 2) <= tick
    bids, asks = shocked.depth(symbol, 5)
    assert (bids[0].price, asks[0].price) == (shocked.quote(symbol).bid, shocked.quote(symbol).ask)


def test_brought_together_marks_are_where_the_trades_are_and_stay_there():
    plain, shocked = markets()
    symbol = shocked.symbols()[0]
    shocked.push(symbol, HALF, ONE)
    shocked.bring_together()
    assert abs(shocked.quote(symbol).mark - plain.quote(symbol).mark / 2) < Decimal("1E-7")
    shocked.push(symbol, HALF, ONE)
    assert abs(shocked.quote(symbol).mark - plain.quote(symbol).mark / 4) < Decimal("1E-7")


def test_marks_and_sizes_are_moved_alone_too():
    plain, shocked = markets()
    symbol = shocked.symbols()[0]
    shocked.push(symbol, ONE, HALF)
    shocked.resize(symbol, Decimal("0.001"))
    was, now = plain.quote(symbol), shocked.quote(symbol)
    assert (now.last, now.bid) == (was.last, was.bid)
    assert abs(now.mark - was.mark / 2) < Decimal("1E-7")
    assert now.bid_quantity < was.bid_quantity
