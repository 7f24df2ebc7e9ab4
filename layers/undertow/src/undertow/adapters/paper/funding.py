"""Funding: what longs pay to shorts, or the other way round."""

from decimal import Decimal

from undertow.adapters.paper.accounts import IncomeType, Position, TradingAccount, money
from undertow.adapters.paper.floor import Floor
from undertow.adapters.paper.reporting import report_account
from undertow.domain.ids import Symbol


def pay(floor: Floor, symbol: Symbol, rate: Decimal, now_ms: int) -> None:
    """Charge every open position its amount times mark times ``rate``."""
    mark = floor.mark(symbol)
    for account in floor.accounts.values():
        for position in account.open_positions(symbol):
            _pay_one(floor, account, position, money(-position.amount * mark * rate), now_ms)


def _pay_one(floor: Floor, account: TradingAccount, position: Position, received: Decimal, now_ms: int) -> None:
    """An isolated position pays from its own margin, and the update then names it."""
    floor.book_income(account, position.symbol, IncomeType.FUNDING_FEE, received, now_ms)
    isolated = account.is_isolated(position.symbol)
    if isolated:
        position.isolated_wallet += received
    report_account(floor, account, "FUNDING_FEE", now_ms, change=received, positions=[position] if isolated else [])
