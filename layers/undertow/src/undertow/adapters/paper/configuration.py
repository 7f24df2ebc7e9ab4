"""Leverage, margin type, position mode, isolated margin and transfers."""

from decimal import Decimal

from undertow.adapters.paper.accounts import ASSET, IncomeType, MarginChange, TradingAccount
from undertow.adapters.paper.admission import check_position_side
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.floor import DAY_MS, Floor
from undertow.adapters.paper.margin import position_margin, standing
from undertow.adapters.paper.reporting import report_account, report_leverage, report_modes
from undertow.domain.account import MarginType
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.numbers import ZERO


def set_leverage(floor: Floor, account_id: AccountId, symbol: Symbol, leverage: int, now_ms: int) -> Decimal:
    """Returns the largest notional that the new leverage admits."""
    account, contract = floor.account(account_id), floor.contract(symbol)
    if not 1 <= leverage <= contract.max_leverage:
        raise ExchangeError(-4028, f"Leverage {leverage} is not valid.")
    settings = floor.settings(account, symbol)
    held = account.open_positions(symbol)
    if account.is_isolated(symbol) and held and leverage < settings.leverage:
        raise ExchangeError(-4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions.")
    cap = contract.max_notional(leverage)
    if any(position.notional(floor.mark(symbol)) > cap for position in held):
        raise ExchangeError(-2027, "Exceeded the maximum allowable position at current leverage.")
    before, settings.leverage = settings.leverage, leverage
    if leverage < before and _is_overdrawn(floor, account):
        settings.leverage = before
        raise ExchangeError(-2028, "Leverage is smaller than permitted: insufficient margin balance.")
    if leverage != before:
        report_leverage(floor, account, symbol, now_ms)
    return cap


def set_margin_type(floor: Floor, account_id: AccountId, symbol: Symbol, margin_type: MarginType, now_ms: int) -> None:
    account = floor.account(account_id)
    floor.book(symbol)
    settings = floor.settings(account, symbol)
    if settings.margin_type is margin_type:
        raise ExchangeError(-4046, "No need to change margin type.")
    if margin_type is MarginType.ISOLATED and account.multi_assets:
        raise ExchangeError(-4168, "Unable to adjust to isolated-margin mode under the Multi-Assets mode.")
    if floor.orders.open_of_account(account_id, symbol):
        raise ExchangeError(-4047, "Margin type cannot be changed if there exists open orders.")
    if account.open_positions(symbol):
        raise ExchangeError(-4048, "Margin type cannot be changed if there exists position.")
    settings.margin_type = margin_type
    legs = list(account.positions.get(symbol, {}).values())
    if legs:
        report_account(floor, account, "MARGIN_TYPE_CHANGE", now_ms, positions=legs, balances=False)


def set_position_mode(floor: Floor, account_id: AccountId, hedge: bool, now_ms: int) -> None:
    account = floor.account(account_id)
    if account.hedge is hedge:
        raise ExchangeError(-4059, "No need to change position side.")
    if floor.orders.open_of_account(account_id):
        raise ExchangeError(-4067, "Position side cannot be changed if there exists open orders.")
    if account.open_positions():
        raise ExchangeError(-4068, "Position side cannot be changed if there exists position.")
    account.hedge = hedge
    report_modes(floor, account, now_ms)


def set_multi_assets(floor: Floor, account_id: AccountId, multi_assets: bool, now_ms: int) -> None:
    """Joint margin knows cross positions only."""
    account = floor.account(account_id)
    if account.multi_assets is multi_assets:
        return
    isolated = [symbol for symbol in account.settings if account.is_isolated(symbol)]
    if multi_assets:
        for symbol in isolated:
            if account.open_positions(symbol) or floor.orders.open_of_account(account_id, symbol):
                raise ExchangeError(-4168, "Unable to adjust to Multi-Assets mode with isolated positions or orders.")
        for symbol in isolated:
            account.settings[symbol].margin_type = MarginType.CROSS
    account.multi_assets = multi_assets
    report_modes(floor, account, now_ms)


def change_isolated_margin(
    floor: Floor, account_id: AccountId, symbol: Symbol, leg: Leg | None, amount: Decimal, now_ms: int
) -> None:
    """Add to the margin of an isolated position, or take from it when ``amount`` is negative."""
    account = floor.account(account_id)
    floor.book(symbol)
    check_position_side(account.hedge, leg)
    if not account.is_isolated(symbol):
        raise ExchangeError(-4049, "Add margin only support for isolated position.")
    position = account.position(symbol, leg or Leg.BOTH)
    if not position.is_open:
        raise ExchangeError(-4054, "Cannot add position margin: position is 0.")
    if amount > standing(floor, account).available:
        raise ExchangeError(-4050, "Cross balance insufficient.")
    if amount < 0:
        held = position.isolated_wallet + min(ZERO, position.unrealized(floor.mark(symbol)))
        if held + amount < position_margin(floor, account, position):
            raise ExchangeError(-4051, "Isolated balance insufficient.")
    position.isolated_wallet += amount
    position.updated_at_ms = now_ms
    floor.margin_changes.append(MarginChange(account_id, symbol, position.leg, amount, now_ms))
    report_account(floor, account, "MARGIN_TRANSFER", now_ms, change=-amount, positions=[position])


def transfer(floor: Floor, account_id: AccountId, asset: str, amount: Decimal, client_id: str, now_ms: int) -> int:
    """Move ``amount`` from the spot wallet into the futures account, or out of it when negative.

    ``client_id`` is unique for seven days. Returns the transaction id.
    """
    account = floor.account(account_id)
    if asset != ASSET:
        raise ExchangeError(-1108, "Invalid asset.")
    if not client_id or len(client_id) > 64:
        raise ExchangeError(-4114, "Invalid clientTranId length.")
    if now_ms - account.transfer_ids_ms.get(client_id, -7 * DAY_MS - 1) <= 7 * DAY_MS:
        raise ExchangeError(-4115, "Duplicated clientTranId.")
    free = account.spot_wallet if amount > 0 else standing(floor, account).withdrawable
    if abs(amount) > free:
        raise ExchangeError(-2018, "Balance is insufficient.")
    account.transfer_ids_ms[client_id] = now_ms
    account.spot_wallet -= amount
    deposit(floor, account, amount, now_ms)
    return floor.incomes[-1].transaction_id


def deposit(floor: Floor, account: TradingAccount, amount: Decimal, now_ms: int) -> None:
    """Money that comes from outside the futures account, or leaves it when negative."""
    floor.book_income(account, "", IncomeType.TRANSFER, amount, now_ms)
    report_account(floor, account, "DEPOSIT" if amount > 0 else "WITHDRAW", now_ms, change=amount)


def _is_overdrawn(floor: Floor, account: TradingAccount) -> bool:
    state = standing(floor, account)
    return state.cross_wallet + state.cross_unrealized < state.cross_position_margin + state.order_margin
