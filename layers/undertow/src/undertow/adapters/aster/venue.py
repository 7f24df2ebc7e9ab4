"""One account at Aster as the services see it."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from undertow.adapters.aster import parse
from undertow.adapters.aster.adl import adl_ranks
from undertow.adapters.aster.calls import in_our_words, read
from undertow.adapters.aster.connection import AsterConnection
from undertow.adapters.aster.errors import (
    CANCEL_REJECTED,
    CLIENT_ID_IS_OPEN,
    NO_SUCH_ORDER,
    POSITION_SIDE_MISMATCH,
    AsterError,
    ClockSkew,
    NonceSpent,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Refused,
)
from undertow.adapters.aster.readiness import Preparation
from undertow.adapters.aster.rest.orders import OrderParams
from undertow.adapters.aster.server_time import Drift
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.account import Account, Balance, MarginType, PositionMode, Readiness, VenuePosition
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, Symbol, TradeId
from undertow.domain.imports import Span
from undertow.domain.income import Income
from undertow.domain.instrument import LeverageBracket
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderNews, OrderState, OrderType, Purpose, TimeInForce
from undertow.domain.outcome import (
    Accepted,
    Canceled,
    CancelOutcome,
    NotOpen,
    Rejected,
    SubmitOutcome,
    Unconfirmed,
    VenueBlocked,
    VenueUnreachable,
)
from undertow.risk.approval import ApprovedOrder

logger = logging.getLogger(__name__)

TRADES_WINDOW_MS: Final = 7 * 24 * 3_600_000
TRADES_PAGE: Final = 1000
LONGEST_SEARCH_MS: Final = 12 * TRADES_WINDOW_MS
"""Further back than this it costs less to read all trades by id than to look through empty weeks."""
DRIFT_PAUSE_MS: Final = 60_000

_CONDITIONAL: Final = frozenset(
    {
        OrderType.STOP,
        OrderType.STOP_MARKET,
        OrderType.TAKE_PROFIT,
        OrderType.TAKE_PROFIT_MARKET,
        OrderType.TRAILING_STOP_MARKET,
    }
)


class AsterVenue:
    """Implements ``ports.TradingVenue``."""

    def __init__(self, account: AccountId, connection: AsterConnection) -> None:
        self._account = account
        self._connection = connection
        self._rest = connection.rest
        self._preparation = Preparation(connection)

    # --- orders -------------------------------------------------------------------------------------------------

    def submit(self, order: ApprovedOrder) -> SubmitOutcome:
        """Send ``order`` once. Only what the venue definitely refused is sent a second time, under the same id."""
        self._refuse_entry_on_wrong_clock(order)
        self._refuse_perished(order)
        outcome = self._send(order, order_params(order))
        if isinstance(outcome, Rejected) and outcome.code == POSITION_SIDE_MISMATCH and order.intent.reduces:
            # The owner has toggled the mode. Entries stop then; what protects or closes a position goes all the same.
            logger.warning("exit_in_the_other_position_mode", extra={"id": order.intent.client_order_id})
            outcome = self._send(order, order_params(order, _other(order.position_mode)))
        return outcome

    def _send(self, order: ApprovedOrder, params: OrderParams) -> SubmitOutcome:
        try:
            return self._place(order, params)
        except (ClockSkew, NonceSpent) as refused:
            return self._place_again(order, params, refused)

    def _refuse_entry_on_wrong_clock(self, order: ApprovedOrder) -> None:
        """More than a second off, the age of a signal cannot be judged. Exits do not depend on it and always go."""
        time = self._connection.time
        if order.intent.purpose is not Purpose.ENTRY or time.drift is not Drift.REFUSING:
            return
        if time.age_ms is None or time.age_ms >= DRIFT_PAUSE_MS:
            try:
                if self._connection.sync_clock() is not Drift.REFUSING:
                    return
            except RateLimited as error:
                raise in_our_words(error) from error
            except (AsterError, BadFrame) as error:
                reason = f"our clock was {time.offset_ms} ms off the venue's; measuring failed: {error}"
                raise VenueBlocked(time.local_ms() + DRIFT_PAUSE_MS, reason, entries_only=True) from error
        reason = f"our clock is {time.offset_ms} ms off the venue's"
        raise VenueBlocked(time.local_ms() + DRIFT_PAUSE_MS, reason, entries_only=True)

    def _refuse_perished(self, order: ApprovedOrder) -> None:
        """To measure the clock can take the venue longer than a signal lives."""
        expires_at_ms = order.intent.expires_at_ms
        if expires_at_ms is not None and self._connection.time.local_ms() > expires_at_ms:
            raise VenueUnreachable("the signal perished before the entry was sent")

    def _place(self, order: ApprovedOrder, params: OrderParams) -> SubmitOutcome:
        try:
            news = parse.order_news(self._rest.orders.new_order(**params))
        except (ClockSkew, NonceSpent):
            raise
        except (NotSent, RateLimited) as error:
            raise in_our_words(error) from error
        except Refused as refused:
            if refused.code == CLIENT_ID_IS_OPEN:
                # The open order of that id is our own, sent before: to ask about, not to give up.
                return Unconfirmed(f"{refused.code}: {refused.text}")
            return Rejected(refused.code, refused.text)
        except OutcomeUnknown as unknown:
            return Unconfirmed(unknown.reason)
        except BadFrame as unreadable:
            return Unconfirmed(f"the answer was not as documented: {unreadable}")
        if (news.symbol, news.client_order_id) != (order.intent.symbol, order.intent.client_order_id):
            return Unconfirmed("the answer was about another order")
        if news.state is OrderState.REJECTED:
            return Rejected(0, "the venue answered with an order in status REJECTED")
        return Accepted(news)

    def _place_again(self, order: ApprovedOrder, params: OrderParams, refused: Refused) -> SubmitOutcome:
        intent = order.intent
        logger.warning("order_refused_for_its_time", extra={"code": refused.code, "id": intent.client_order_id})
        try:
            self._connection.sync_clock()
            if isinstance(refused, NonceSpent):
                # -4225 is also the answer to a copy of bytes that were executed, made by something between us.
                existing = self._ask(intent.symbol, intent.client_order_id)
                if existing is not None:
                    return Accepted(existing)
            self._refuse_entry_on_wrong_clock(order)
            self._refuse_perished(order)
            return self._place(order, params)
        except (ClockSkew, NonceSpent) as again:
            return Rejected(again.code, again.text)
        except (AsterError, BadFrame) as error:
            if isinstance(refused, ClockSkew) and isinstance(error, NotSent | RateLimited):
                raise in_our_words(error) from error
            if isinstance(refused, NonceSpent):
                return Unconfirmed(f"{refused}, and then no answer about the order: {error}")
            return Rejected(refused.code, f"{refused.text}, and the clock could not be measured: {error}")

    def cancel(self, symbol: Symbol, order: ClientOrderId) -> CancelOutcome:
        """Cancelling twice is harmless, so a refusal for its time is answered by a second try."""
        try:
            return self._cancel(symbol, order)
        except (ClockSkew, NonceSpent):
            return self._cancel_after_sync(symbol, order)

    def _cancel(self, symbol: Symbol, order: ClientOrderId) -> CancelOutcome:
        try:
            return Canceled(parse.order_news(self._rest.orders.cancel_order(symbol, origClientOrderId=order)))
        except (ClockSkew, NonceSpent):
            raise
        except (NotSent, RateLimited) as error:
            raise in_our_words(error) from error
        except Refused as refused:
            if refused.code in (CANCEL_REJECTED, NO_SUCH_ORDER):
                # A fill or another cancel was faster. Which, only a query can tell, and that is the caller's to ask.
                return NotOpen()
            return Unconfirmed(str(refused))
        except (OutcomeUnknown, BadFrame) as error:
            return Unconfirmed(str(error))

    def _cancel_after_sync(self, symbol: Symbol, order: ClientOrderId) -> CancelOutcome:
        try:
            self._connection.sync_clock()
            return self._cancel(symbol, order)
        except (NotSent, RateLimited) as error:
            raise in_our_words(error) from error
        except (AsterError, BadFrame) as error:
            return Unconfirmed(str(error))

    # --- reads --------------------------------------------------------------------------------------------------

    def fetch_order(self, symbol: Symbol, order: ClientOrderId) -> OrderNews | None:
        return read(self._connection, lambda: self._ask(symbol, order))

    def _ask(self, symbol: Symbol, order: ClientOrderId) -> OrderNews | None:
        try:
            news = parse.order_news(self._rest.orders.query_order(symbol, origClientOrderId=order))
        except Refused as refused:
            if refused.code == NO_SUCH_ORDER:
                return None
            raise
        if (news.symbol, news.client_order_id) != (symbol, order):
            raise BadFrame("is not the order that was asked for", "clientOrderId", news.client_order_id)
        return news

    def fetch_clock_offset_ms(self) -> int:
        read(self._connection, self._connection.sync_clock)
        return self._connection.time.offset_ms

    def fetch_open_orders(self) -> Sequence[OrderNews]:
        return read(self._connection, lambda: [parse.order_news(row) for row in self._rest.orders.open_orders()])

    def fetch_positions(self) -> Sequence[VenuePosition]:
        def ask() -> list[VenuePosition]:
            parsed = [parse.open_position(row) for row in self._rest.account.position_risk()]
            return [position for position in parsed if position is not None]

        return read(self._connection, ask)

    def fetch_balance(self) -> Balance:
        def ask() -> Balance:
            now_ms = self._connection.time.local_ms()
            return parse.balance(self._rest.account.account(), self._account, now_ms)

        return read(self._connection, ask)

    def fetch_brackets(self) -> Mapping[Symbol, tuple[LeverageBracket, ...]]:
        """A symbol whose tiers cannot be read is left out: one odd listing must not stop all others."""

        def ask() -> dict[Symbol, tuple[LeverageBracket, ...]]:
            rows = self._rest.account.leverage_bracket()
            parsed = [_brackets_or_none(row) for row in rows]
            found = dict(brackets for brackets in parsed if brackets is not None)
            if rows and not found:
                raise BadFrame("holds no symbol that can be read", "leverageBracket")
            return found

        return read(self._connection, ask)

    def fetch_adl_ranks(self, mode: PositionMode) -> Mapping[tuple[Symbol, PositionSide], int]:
        return read(self._connection, lambda: adl_ranks(self._rest.account.adl_quantile(), mode))

    def fetch_fills(self, symbol: Symbol, since_ms: int) -> Sequence[Fill]:
        """The first trades are found by time, in windows of the 7 days the venue admits, all others by id."""
        fills, complete = self._first_trades(symbol, since_ms)
        while not complete:
            page = self._trades(symbol, fromId=fills[-1].trade_id + 1)
            fills, complete = fills + page, len(page) < TRADES_PAGE
        return [fill for fill in fills if fill.time_ms >= since_ms]

    def _first_trades(self, symbol: Symbol, since_ms: int) -> tuple[list[Fill], bool]:
        """The earliest page from ``since_ms`` on, and whether it reaches to the present."""
        now_ms = max(since_ms, self._connection.time.now_ms())
        if now_ms - since_ms > LONGEST_SEARCH_MS:
            page = self._trades(symbol, fromId=0)
            return page, len(page) < TRADES_PAGE
        for from_ms in range(since_ms, now_ms + 1, TRADES_WINDOW_MS):
            end_ms = from_ms + TRADES_WINDOW_MS - 1
            page = self._trades(symbol, startTime=from_ms, endTime=end_ms)
            if page:
                return page, len(page) < TRADES_PAGE and end_ms >= now_ms
        return [], True

    def fetch_trade_page(self, symbol: Symbol, wanted: TradeId | Span, limit: int) -> Sequence[Fill]:
        if isinstance(wanted, Span):
            return self._trades(symbol, startTime=wanted.from_ms, endTime=wanted.to_ms, limit=limit)
        return self._trades(symbol, fromId=wanted, limit=limit)

    def fetch_income_page(self, span: Span, limit: int, venue_kind: str | None = None) -> Sequence[Income]:
        def ask() -> list[Income]:
            rows = self._rest.account.income(None, venue_kind, span.from_ms, span.to_ms, limit)
            page = [parse.income(row, self._account) for row in rows]
            strangers = [row for row in page if not span.from_ms <= row.time_ms <= span.to_ms]
            if strangers:
                raise BadFrame("is outside the span that was asked for", "time", strangers[0].time_ms)
            return sorted(page, key=lambda row: row.time_ms)

        return read(self._connection, ask)

    def _trades(
        self,
        symbol: Symbol,
        startTime: int | None = None,
        endTime: int | None = None,
        fromId: int | None = None,
        limit: int = TRADES_PAGE,
    ) -> list[Fill]:
        def ask() -> list[Fill]:
            rows = self._rest.account.user_trades(symbol, startTime, endTime, fromId, limit)
            page = sorted((parse.fill(row, self._account) for row in rows), key=lambda fill: fill.trade_id)
            if page and (fromId is not None and page[0].trade_id < fromId):
                raise BadFrame("is below the id that was asked from", "id", page[0].trade_id)
            return page

        return read(self._connection, ask)

    def make_ready(self, symbol: Symbol, leverage: int, margin_type: MarginType, account: Account) -> Readiness:
        return self._preparation.make_ready(symbol, leverage, margin_type, account)


def _brackets_or_none(row: Any) -> tuple[Symbol, tuple[LeverageBracket, ...]] | None:
    try:
        return parse.leverage_brackets(row)
    except BadFrame as error:
        logger.warning("brackets_left_out", extra={"cause": str(error)})
        return None


def _other(mode: PositionMode) -> PositionMode:
    return PositionMode.ONE_WAY if mode is PositionMode.HEDGE else PositionMode.HEDGE


def order_params(order: ApprovedOrder, mode: PositionMode | None = None) -> OrderParams:
    """The request for ``order``, in the position mode that it was approved for unless another is given.

    In hedge mode the position side closes and ``reduceOnly`` must not be sent; in one-way mode it is what keeps an exit
    from opening the other side. With ``closePosition`` the venue wants neither quantity nor ``reduceOnly``.
    """
    intent = order.intent
    hedge = (mode or order.position_mode) is PositionMode.HEDGE
    conditional = intent.type in _CONDITIONAL
    priced = intent.type in (OrderType.LIMIT, OrderType.STOP, OrderType.TAKE_PROFIT)
    needs_time_in_force = intent.type is OrderType.LIMIT
    return {
        "symbol": intent.symbol,
        "side": intent.side,
        "positionSide": intent.position_side if hedge else None,
        "type": intent.type,
        "timeInForce": (intent.time_in_force or (TimeInForce.GTC if needs_time_in_force else None)) if priced else None,
        "quantity": None if intent.close_position else intent.quantity,
        "price": intent.price if priced else None,
        "stopPrice": intent.stop_price if conditional else None,
        "reduceOnly": True if intent.reduces and not hedge and not intent.close_position else None,
        "closePosition": True if intent.close_position else None,
        "workingType": intent.working_type if conditional else None,
        "priceProtect": True if conditional and intent.price_protect else None,
        "newClientOrderId": intent.client_order_id,
        # With RESULT the answer says what filled, which saves asking.
        "newOrderRespType": "RESULT",
    }
