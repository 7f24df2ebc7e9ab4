"""Account: modes, leverage, margin, balances, positions, trades, income."""

from decimal import Decimal
from typing import Literal

from undertow.adapters.aster.rest import endpoints
from undertow.adapters.aster.rest.orders import WirePositionSide
from undertow.adapters.aster.rest.wire import JsonArray, JsonObject, Wire


class AccountApi:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    # --- settings -----------------------------------------------------------------------------------------------

    def set_position_mode(self, dualSidePosition: bool) -> JsonObject:
        """True is hedge mode, for all symbols. -4059 means that it was so already."""
        return self._wire.object(endpoints.SET_POSITION_MODE, {"dualSidePosition": dualSidePosition})

    def get_position_mode(self) -> JsonObject:
        return self._wire.object(endpoints.GET_POSITION_MODE, {})

    def set_multi_assets(self, multiAssetsMargin: bool) -> JsonObject:
        return self._wire.object(endpoints.SET_MULTI_ASSETS, {"multiAssetsMargin": multiAssetsMargin})

    def get_multi_assets(self) -> JsonObject:
        return self._wire.object(endpoints.GET_MULTI_ASSETS, {})

    def leverage(self, symbol: str, leverage: int) -> JsonObject:
        return self._wire.object(endpoints.LEVERAGE, {"symbol": symbol, "leverage": leverage})

    def margin_type(self, symbol: str, marginType: Literal["ISOLATED", "CROSSED"]) -> JsonObject:
        """-4046 means that it was so already."""
        return self._wire.object(endpoints.MARGIN_TYPE, {"symbol": symbol, "marginType": marginType})

    def position_margin(
        self, symbol: str, amount: Decimal, type: Literal[1, 2], positionSide: WirePositionSide | None = None
    ) -> JsonObject:
        """``type`` 1 adds isolated margin, 2 takes it away."""
        params = {"symbol": symbol, "positionSide": positionSide, "amount": amount, "type": type}
        return self._wire.object(endpoints.POSITION_MARGIN, params)

    def position_margin_history(
        self,
        symbol: str,
        type: Literal[1, 2] | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
    ) -> JsonArray:
        params = {"symbol": symbol, "type": type, "startTime": startTime, "endTime": endTime, "limit": limit}
        return self._wire.array(endpoints.POSITION_MARGIN_HISTORY, params)

    # --- state --------------------------------------------------------------------------------------------------

    def balance(self) -> JsonArray:
        return self._wire.array(endpoints.BALANCE, {})

    def account(self) -> JsonObject:
        return self._wire.object(endpoints.ACCOUNT, {})

    def position_risk(self, symbol: str | None = None) -> JsonArray:
        return self._wire.array(endpoints.POSITION_RISK, {"symbol": symbol})

    def leverage_bracket(self, symbol: str | None = None) -> JsonArray:
        """One element with a symbol, all symbols without."""
        return self._wire.array(endpoints.LEVERAGE_BRACKET, {"symbol": symbol})

    def adl_quantile(self, symbol: str | None = None) -> JsonArray:
        return self._wire.array(endpoints.ADL_QUANTILE, {"symbol": symbol})

    def commission_rate(self, symbol: str) -> JsonObject:
        return self._wire.object(endpoints.COMMISSION_RATE, {"symbol": symbol})

    def remaining_openable_notional(self, symbol: str, leverage: int) -> JsonObject:
        """V1 only."""
        return self._wire.object(endpoints.REMAINING_OPENABLE_NOTIONAL, {"symbol": symbol, "leverage": leverage})

    # --- history ------------------------------------------------------------------------------------------------

    def user_trades(
        self,
        symbol: str,
        startTime: int | None = None,
        endTime: int | None = None,
        fromId: int | None = None,
        limit: int | None = None,
    ) -> JsonArray:
        """The times span at most 7 days, without them the last 7; ``fromId`` must not come with times."""
        params = {"symbol": symbol, "startTime": startTime, "endTime": endTime, "fromId": fromId, "limit": limit}
        return self._wire.array(endpoints.USER_TRADES, params)

    def income(
        self,
        symbol: str | None = None,
        incomeType: str | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
    ) -> JsonArray:
        params = {
            "symbol": symbol,
            "incomeType": incomeType,
            "startTime": startTime,
            "endTime": endTime,
            "limit": limit,
        }
        return self._wire.array(endpoints.INCOME, params)

    def force_orders(
        self,
        symbol: str | None = None,
        autoCloseType: Literal["LIQUIDATION", "ADL"] | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
    ) -> JsonArray:
        """Our own liquidations; the market's are on the stream only."""
        params = {
            "symbol": symbol,
            "autoCloseType": autoCloseType,
            "startTime": startTime,
            "endTime": endTime,
            "limit": limit,
        }
        return self._wire.array(endpoints.FORCE_ORDERS, params)

    # --- the rest -----------------------------------------------------------------------------------------------

    def transfer(
        self, amount: Decimal, asset: str, clientTranId: str, kindType: Literal["FUTURE_SPOT", "SPOT_FUTURE"]
    ) -> JsonObject:
        """Between the futures and the spot wallet of the same account."""
        params = {"amount": amount, "asset": asset, "clientTranId": clientTranId, "kindType": kindType}
        return self._wire.object(endpoints.TRANSFER, params)

    def agents(self) -> JsonArray:
        """V3 only. What the account's agents may do; an agent that can withdraw must not be used here."""
        return self._wire.array(endpoints.AGENTS, {})

    def direct_announcements(self, page: int | None = None, size: int | None = None) -> JsonObject:
        """V3 only. Notices to this account, from page 1, 20 at a time by default."""
        return self._wire.object(endpoints.DIRECT_ANNOUNCEMENTS, {"page": page, "size": size})

    def direct_announcement(self, id: int) -> JsonObject:
        return self._wire.object(endpoints.DIRECT_ANNOUNCEMENT, {"id": id})
