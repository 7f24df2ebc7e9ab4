"""A small world for the services: memory adapters, a venue that does what the test says, and builders."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tests.unit.builders import BTC, HUNTER, NOW_MS, d, hunter_params, instrument

from undertow.adapters.memory import (
    ListFollowUps,
    MemoryStore,
    RecordingMeter,
    RecordingNotifier,
    SettableClock,
    StaticParams,
    memory_repositories,
)
from undertow.desk import Desk, Outside, assemble
from undertow.domain.account import (
    Account,
    Balance,
    Control,
    MarginType,
    Mode,
    PositionMode,
    Readiness,
    Switch,
    VenuePosition,
)
from undertow.domain.event import OrderChanged
from undertow.domain.fill import Fill
from undertow.domain.ids import (
    AccountId,
    ClientOrderId,
    LiquidationId,
    Symbol,
    TradeId,
    VenueOrderId,
)
from undertow.domain.imports import LONGEST_SPAN_MS, Span
from undertow.domain.income import Income
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.market import (
    BestPrices,
    Liquidation,
    LiquidationBatch,
    MarkPrice,
    MeasuredLiquidation,
    PositionSide,
    Side,
    Venue,
    VolumeWindow,
)
from undertow.domain.order import Order, OrderNews, OrderState, WorkingType
from undertow.domain.outcome import Accepted, Canceled, CancelOutcome, NotOpen, SubmitOutcome
from undertow.domain.position import Position, Slot
from undertow.domain.reconciliation import Proof
from undertow.ports import ExternalPolicy, Globals, HunterStrategy, Parameters
from undertow.risk.approval import ApprovedOrder
from undertow.risk.limits import AccountLimits
from undertow.risk.protection import ProtectionParams

START_MS = NOW_MS
ACCOUNT = Account(AccountId("main"), Venue.ASTER, Mode.LIVE, PositionMode.HEDGE, multi_assets=False)


def parameters() -> Parameters:
    limits = AccountLimits(d("1000"), d("10000"), max_positions=5, max_leverage=20, max_signal_age_ms=5_000)
    return Parameters(
        globals=Globals(
            accounts={ACCOUNT.id: ACCOUNT},
            limits={ACCOUNT.id: limits},
            rate_limit_buffer_pct=10,
            unprotected_alert_s=5,
            unprotected_close_s=15,
            external=ExternalPolicy(ProtectionParams(d("3"), d("6"), WorkingType.MARK_PRICE, price_protect=False)),
            extra_symbols=(),
            version="g1",
        ),
        strategies={HUNTER: HunterStrategy(HUNTER, ACCOUNT.id, True, {BTC: hunter_params()}, "h1")},
    )


@dataclass(slots=True)
class FakeVenue:
    """Takes orders, remembers them, and answers as ``next_outcomes`` says where the test cares."""

    clock: SettableClock
    submitted: list[ApprovedOrder] = field(default_factory=list)
    standing: dict[ClientOrderId, OrderNews] = field(default_factory=dict)
    ended: dict[ClientOrderId, OrderNews] = field(default_factory=dict)
    canceled: list[ClientOrderId] = field(default_factory=list)
    trades: list[Fill] = field(default_factory=list)
    positions: list[VenuePosition] = field(default_factory=list)
    answers: list[Callable[[ApprovedOrder], SubmitOutcome]] = field(default_factory=list)
    questions: list[ClientOrderId] = field(default_factory=list)
    read_failure: Exception | None = None
    cancel_failure: Exception | None = None
    clock_failure: Exception | None = None
    fills_failure: Exception | None = None
    while_asked_for_positions: list[Callable[[], object]] = field(default_factory=list)
    readiness_leverage: int | None = None
    clock_offset_ms: int = 0
    brackets: dict[Symbol, tuple[LeverageBracket, ...]] = field(default_factory=dict)
    brackets_failure: Exception | None = None
    adl_ranks: dict[tuple[Symbol, PositionSide], int] = field(default_factory=dict)
    adl_failure: Exception | None = None
    adl_questions: int = 0
    listed: list[Instrument] = field(default_factory=list)
    listings: int = 0
    incomes: list[Income] = field(default_factory=list)
    incomes_asked: list[Span] = field(default_factory=list)
    unknown_to_queries: set[ClientOrderId] = field(default_factory=set)
    before_a_page: Callable[[], None] | None = None
    mark: str | None = None
    bid: str | None = None
    """What the venue answers when it is asked for a mark price."""
    _ids: int = 0

    # --- TradingVenue ---

    def submit(self, order: ApprovedOrder) -> SubmitOutcome:
        self.submitted.append(order)
        return self.answers.pop(0)(order) if self.answers else self.take(order)

    def take(self, order: ApprovedOrder) -> Accepted:
        """Put the order on the book."""
        self._ids += 1
        intent = order.intent
        news = OrderNews(
            symbol=intent.symbol,
            client_order_id=intent.client_order_id,
            venue_order_id=VenueOrderId(self._ids),
            side=intent.side,
            position_side=intent.position_side,
            type=intent.type,
            state=OrderState.OPEN,
            quantity=intent.quantity or Decimal(0),
            filled_quantity=Decimal(0),
            average_price=Decimal(0),
            price=intent.price or Decimal(0),
            stop_price=intent.stop_price or Decimal(0),
            reduce_only=intent.reduces,
            close_position=intent.close_position,
            time_ms=self.clock.now_ms(),
        )
        self.standing[intent.client_order_id] = news
        return Accepted(news)

    def cancel(self, symbol: Symbol, order: ClientOrderId) -> CancelOutcome:
        if self.cancel_failure is not None:
            raise self.cancel_failure
        self.canceled.append(order)
        news = self.standing.pop(order, None)
        if news is None:
            return NotOpen()
        self.ended[order] = replace(news, state=OrderState.CANCELED)
        return Canceled(self.ended[order])

    def fetch_order(self, symbol: Symbol, order: ClientOrderId) -> OrderNews | None:
        self._read()
        self.questions.append(order)
        return None if order in self.unknown_to_queries else self.standing.get(order) or self.ended.get(order)

    def fetch_clock_offset_ms(self) -> int:
        self._read()
        if self.clock_failure is not None:
            raise self.clock_failure
        return self.clock_offset_ms

    def fetch_open_orders(self) -> Sequence[OrderNews]:
        self._read()
        return tuple(self.standing.values())

    def fetch_positions(self) -> Sequence[VenuePosition]:
        self._read()
        answer = tuple(self.positions)
        if self.while_asked_for_positions:
            self.while_asked_for_positions.pop()()
        return answer

    def fetch_balance(self) -> Balance:
        self._read()
        return Balance(ACCOUNT.id, d("10000"), d("10000"), d("0"), self.clock.now_ms(), d("0"), d("0"))

    def fetch_brackets(self) -> Mapping[Symbol, tuple[LeverageBracket, ...]]:
        self._read()
        if self.brackets_failure is not None:
            raise self.brackets_failure
        return dict(self.brackets)

    def fetch_adl_ranks(self, mode: PositionMode) -> Mapping[tuple[Symbol, PositionSide], int]:
        self._read()
        self.adl_questions += 1
        if self.adl_failure is not None:
            raise self.adl_failure
        return dict(self.adl_ranks)

    def fetch_fills(self, symbol: Symbol, since_ms: int) -> Sequence[Fill]:
        self._read()
        if self.fills_failure is not None:
            raise self.fills_failure
        return [replace(t, client_order_id=None) for t in self.trades if t.symbol == symbol and t.time_ms >= since_ms]

    def fetch_trade_page(self, symbol: Symbol, wanted: TradeId | Span, limit: int) -> Sequence[Fill]:
        self._page()
        found = sorted((trade for trade in self.trades if trade.symbol == symbol), key=lambda one: one.trade_id)
        if isinstance(wanted, Span):
            assert wanted.to_ms - wanted.from_ms < LONGEST_SPAN_MS
            found = [one for one in found if wanted.from_ms <= one.time_ms <= wanted.to_ms]
        else:
            found = [one for one in found if one.trade_id >= wanted]
        return [replace(one, client_order_id=None) for one in found[:limit]]

    def fetch_income_page(self, span: Span, limit: int, venue_kind: str | None = None) -> Sequence[Income]:
        self._page()
        self.incomes_asked.append(span)
        found = [row for row in self.incomes if span.from_ms <= row.time_ms <= span.to_ms]
        found = [row for row in found if venue_kind in (None, row.venue_kind)]
        return sorted(found, key=lambda row: row.time_ms)[:limit]

    def _page(self) -> None:
        self._read()
        if self.before_a_page is not None:
            self.before_a_page()

    def make_ready(self, symbol: Symbol, leverage: int, margin_type: MarginType, account: Account) -> Readiness:
        self._read()
        return Readiness(
            account.id,
            symbol,
            self.readiness_leverage or leverage,
            margin_type,
            account.position_mode,
            account.multi_assets,
            self.clock.now_ms(),
        )

    # --- MarketData, as far as it is asked for ---

    def fetch_instruments(self) -> Sequence[Instrument]:
        self.listings += 1
        self._read()
        return tuple(self.listed)

    def fetch_mark_price(self, _symbol: Symbol) -> MarkPrice:
        self._read()
        return MarkPrice(d(self.mark or "0"), self.clock.now_ms())

    def fetch_best_prices(self, _symbol: Symbol) -> BestPrices:
        self._read()
        return BestPrices(d(self.bid or self.mark or "0"), d("1"), d(self.mark or "0"), d("1"), self.clock.now_ms())

    def _read(self) -> None:
        if self.read_failure is not None:
            raise self.read_failure

    # --- what the test makes happen ---

    def fill(self, order: ClientOrderId, quantity: Decimal, price: Decimal) -> OrderChanged:
        """Fill a part of a standing order and return the stream's event for it."""
        news = self.standing[order]
        self._ids += 1
        filled = news.filled_quantity + quantity
        whole = news.quantity == 0 or filled >= news.quantity
        state = OrderState.FILLED if whole else OrderState.PARTIALLY_FILLED
        changed = replace(news, state=state, filled_quantity=filled, average_price=price, time_ms=self.clock.now_ms())
        trade = Fill(
            account=ACCOUNT.id,
            symbol=news.symbol,
            trade_id=TradeId(self._ids),
            venue_order_id=news.venue_order_id or VenueOrderId(0),
            client_order_id=order,
            side=news.side,
            position_side=news.position_side,
            price=price,
            quantity=quantity,
            commission=d("0.01"),
            commission_asset="USDT",
            realized_pnl=d("0"),
            maker=True,
            time_ms=self.clock.now_ms(),
        )
        self.trades.append(trade)
        if whole:
            del self.standing[order]
            self.ended[order] = changed
        else:
            self.standing[order] = changed
        return OrderChanged(ACCOUNT.id, changed, trade, "", self.clock.now_ms())

    def of_purpose(self, letter: str) -> list[OrderNews]:
        return [news for order, news in self.standing.items() if order.startswith(f"ut-{letter}-")]


@dataclass(frozen=True, slots=True)
class OneVenue:
    venue: FakeVenue

    def trading(self, account: Account) -> FakeVenue:
        return self.venue

    def market_data(self, venue: Venue) -> FakeVenue:
        if self.venue.mark is None and not self.venue.listed:
            raise LookupError("these tests bring their own market data")
        return self.venue


@dataclass(slots=True)
class World:
    clock: SettableClock
    store: MemoryStore
    venue: FakeVenue
    follow_ups: ListFollowUps
    notifier: RecordingNotifier
    meter: RecordingMeter
    params: StaticParams
    desk: Desk

    def liquidation_batch(
        self,
        number: int = 1,
        *,
        before: str = "9000",
        after: str = "12000",
        side: Side = Side.SELL,
        covered: bool = True,
        symbol: Symbol = BTC,
        bid: str = "100000",
        ask: str = "100010",
    ) -> LiquidationBatch:
        """A message with one liquidation that moved the window from ``before`` to ``after``."""
        now_ms = self.clock.now_ms()
        event = Liquidation(
            LiquidationId(f"liq{number}"), Venue.ASTER, symbol, side, d("0.03"), d("100000"), now_ms - 50, now_ms - 50
        )
        window = VolumeWindow(60, d(after), d("0.12"), d(before), d("0.09"), events=4, sampled_seconds=4)
        return LiquidationBatch(
            venue=Venue.ASTER,
            symbol=symbol,
            epoch=1,
            window_covered=covered,
            sent_at_ms=now_ms - 20,
            book=BestPrices(d(bid), d("1"), d(ask), d("1"), now_ms - 100),
            mark=MarkPrice(d("100005"), now_ms - 500),
            liquidations=(MeasuredLiquidation(event, {60: window}, now_ms - 40),),
        )

    def entered(self, number: int = 1) -> ClientOrderId:
        """Let the hunter enter a long; return the entry's id."""
        (decision,) = self.desk.evaluate(self.liquidation_batch(number))
        assert decision.client_order_id is not None, decision
        return decision.client_order_id

    def holding(self) -> ClientOrderId:
        """A long that is open and protected; return the entry's id."""
        entry = self.entered()
        quantity = self.venue.standing[entry].quantity
        self.desk.track(ACCOUNT, self.venue.fill(entry, quantity, d("100001")))
        return entry

    def switch(self, switch: Switch) -> None:
        known = self.desk.repositories.controls.get(ACCOUNT.id)
        changed = Control(ACCOUNT.id, switch, self.clock.now_ms(), "test", "by the test", known.version + 1)
        assert self.desk.repositories.controls.set(changed)

    def prove(self) -> None:
        """As if a pass had just found the ledger equal to the venue."""
        known = self.desk.repositories.guards.get(ACCOUNT.id)
        epoch = known.proof.epoch if known.proof is not None else 0
        self.desk.reconcile.record_proof(ACCOUNT.id, Proof(epoch, self.clock.now_ms()))

    def remember(self, **changes: Any) -> None:
        """Let the monitor's memory hold ``changes`` beside the proof."""
        known = self.desk.repositories.guards.get(ACCOUNT.id)
        assert self.desk.repositories.guards.set(replace(known, version=known.version + 1, **changes))

    def follow_up(self) -> None:
        """Deliver what is due."""
        for item in self.follow_ups.due():
            self.desk.take_up(ACCOUNT, item)

    @property
    def alerts(self) -> list[str]:
        """Keys of the alerts so far, repeated ones too."""
        return [alert.key for alert in self.notifier.alerts]

    @property
    def slot(self) -> Slot:
        return self.desk.repositories.ledger.slot(ACCOUNT.id, BTC, PositionSide.LONG)

    @property
    def position(self) -> Position:
        assert self.slot.position is not None
        return self.slot.position

    def order(self, order: ClientOrderId) -> Order:
        found = self.desk.repositories.orders.get(ACCOUNT.id, order)
        assert found is not None
        return found


def new_world() -> World:
    clock = SettableClock(START_MS)
    store = MemoryStore()
    venue = FakeVenue(clock)
    follow_ups = ListFollowUps(clock)
    notifier, meter, params = RecordingNotifier(), RecordingMeter(), StaticParams(parameters())
    repositories = memory_repositories(store, clock)
    desk = assemble(Outside(repositories, params, OneVenue(venue), follow_ups, notifier, meter, clock))  # type: ignore[arg-type]
    repositories.instruments.save([instrument()])
    repositories.balances.save(venue.fetch_balance())
    world = World(clock, store, venue, follow_ups, notifier, meter, params, desk)
    world.switch(Switch.RUNNING)
    world.prove()
    return world
