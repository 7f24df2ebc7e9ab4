"""An account with a history that was worked out by hand: what the venue's books say of it, as imported."""

from dataclasses import replace

from tests.services.world import World
from tests.unit.accounts import DAY_MS, HOUR_MS, MIDNIGHT_MS, MINUTE_MS, received, traded
from tests.unit.builders import ACCOUNT, BTC, HUNTER, LONG, NOW_MS, SHORT, d, position

from undertow.domain.account import Balance
from undertow.domain.ids import PositionId, Symbol
from undertow.domain.imports import INCOME_STREAM, Checkpoint, trades_stream
from undertow.domain.income import IncomeKind
from undertow.domain.market import Side
from undertow.domain.position import Slot
from undertow.domain.session import SessionId, TradeSession
from undertow.ports import LedgerEntry, WriteOutcome

ETH = Symbol("ETHUSDT")
BEGIN_MS = MIDNIGHT_MS - 5 * DAY_MS
SESSION = SessionId("s" * 26)


def after(days: int, hours: int = 0) -> int:
    return BEGIN_MS + days * DAY_MS + hours * HOUR_MS


def kept_books(world: World) -> None:
    """Five days: 1000 in, a BTC long that won 20, an ETH short that lost 5, 200 out; 0.8 + 0.8 + 0.1 + 0.1 of fees,
    -0.5 of funding, 0.3 of rebate. Net 13; the wallet of now is 1000 - 200 + 13 = 813.
    """
    kept = world.desk.repositories
    kept.trades.record(
        [
            traded(Side.BUY, "2", "1000", fee="0.8", at_ms=after(1)),
            traded(Side.SELL, "2", "1010", realized="20", fee="0.8", at_ms=after(1, 10)),
            traded(Side.SELL, "1", "100", fee="0.1", of=SHORT, symbol=ETH, at_ms=after(2)),
            traded(Side.BUY, "1", "105", realized="-5", fee="0.1", of=SHORT, symbol=ETH, at_ms=after(2, 1)),
        ]
    )
    kept.incomes.record(
        [
            received(IncomeKind.TRANSFER, "1000", BEGIN_MS, info="deposit"),
            received(IncomeKind.FUNDING, "-0.5", after(1, 1)),
            received(IncomeKind.COMMISSION, "-1.6", after(1, 10)),
            received(IncomeKind.COMMISSION, "-0.2", after(2, 1), symbol=ETH),
            received(IncomeKind.REALIZED_PNL, "20", after(1, 10)),
            received(IncomeKind.REBATE, "0.3", after(3)),
            received(IncomeKind.TRANSFER, "-200", after(4)),
        ]
    )
    imported(world, NOW_MS)
    kept.sessions.add(TradeSession(SESSION, ACCOUNT, HUNTER, BEGIN_MS, "anna", version=1))
    _won_by_the_hunter(world)
    read(world, after(0, 1), "1000", "1000")
    read(world, after(1, 2), "999.2", "1009.2")
    read(world, after(1, 11), "1017.9", "1017.9")
    read(world, after(3), "1013", "1013")
    read(world, after(4), "1013", "1013")
    read(world, after(4, 1), "813", "813")
    read(world, NOW_MS - MINUTE_MS, "813", "813")


def imported(world: World, to_ms: int) -> None:
    """Every stream has caught up to ``to_ms``."""
    checkpoints = world.desk.repositories.checkpoints
    for stream in (INCOME_STREAM, trades_stream(BTC), trades_stream(ETH)):
        known = checkpoints.get(ACCOUNT, stream)
        version = (0 if known is None else known.version) + 1
        come = Checkpoint(ACCOUNT, stream, BEGIN_MS, to_ms, to_ms, to_ms, caught_up_at_ms=to_ms, version=version)
        assert checkpoints.save(come)


def read(world: World, at_ms: int, wallet: str, equity: str) -> None:
    """The balance as it was read from the venue, some seconds before ``at_ms``."""
    unrealized = d(equity) - d(wallet)
    world.desk.repositories.balances.save(Balance(ACCOUNT, d(wallet), d(wallet), unrealized, at_ms - 5_000))


def _won_by_the_hunter(world: World) -> None:
    ledger = world.desk.repositories.ledger
    before = ledger.slot(ACCOUNT, BTC, LONG)
    held = position(id=PositionId("p-won"), quantity=d("0"), realized_pnl=d("20"), commission=d("1.6"))
    won = replace(held, opened_at_ms=after(1), closed_at_ms=after(1, 10), updated_at_ms=after(1, 10))
    assert ledger.write(LedgerEntry(before, Slot(ACCOUNT, BTC, LONG), closed=won)) is WriteOutcome.WRITTEN
