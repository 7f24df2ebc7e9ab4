"""A warm desk over tables in moto at the simulator, with counters on both of its doors."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

from tests.contract.request_counter import RequestCounter
from tests.contract.tables import tables_in_moto
from tests.contract.venues.desk_at_venue import DeskAtVenue, open_desk
from tests.services.world import ACCOUNT
from tests.unit.builders import HUNTER

from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.wiring import dynamo_repositories
from undertow.domain.decision import Decision
from undertow.domain.ids import Symbol
from undertow.domain.market import LiquidationBatch, MeasuredLiquidation
from undertow.domain.order import OrderState, TimeInForce

PREFIX = "undertow-count-"
AFTER_COOLDOWN_S = 31


@dataclass(slots=True)
class Counted:
    """``tables`` counts requests to the tables, ``rest_requests`` those to the venue."""

    at_venue: DeskAtVenue
    tables: RequestCounter
    symbol: Symbol

    @property
    def rest_requests(self) -> dict[str, int]:
        return dict(self.at_venue.house.requests)

    def reset(self) -> None:
        self.tables.reset()
        self.at_venue.house.requests.clear()

    def trade_at_once_or_not_at_all(self) -> None:
        """The venue's answer to such an order tells what filled; for all others the stream does."""
        params = self.at_venue.params.current()
        hunter = params.strategies[HUNTER]
        symbols = {
            symbol: replace(settings, time_in_force=TimeInForce.IOC) for symbol, settings in hunter.symbols.items()
        }
        self.at_venue.params.replace(replace(params, strategies={HUNTER: replace(hunter, symbols=symbols)}))

    def decide(self, batch: LiquidationBatch) -> Decision:
        (decision,) = self.at_venue.desk.evaluate(batch)
        return decision

    def signal(self, number: int, *, away: str = "-0.02") -> LiquidationBatch:
        """A signal whose entry is priced ``away`` from the best ask, as a share: a negative one rests."""
        batch = self.at_venue.signal(self.symbol, number)
        assert batch.book is not None
        bid = batch.book.ask * (1 + Decimal(away))
        return replace(batch, book=replace(batch.book, bid=bid, ask=bid * Decimal("1.0001")))

    def state_of(self, decision: Decision) -> OrderState:
        assert decision.client_order_id is not None, decision
        order = self.at_venue.desk.repositories.orders.get(ACCOUNT.id, decision.client_order_id)
        assert order is not None
        return order.state


@contextmanager
def counted_desk() -> Iterator[Counted]:
    """Warm: the symbol's mode and leverage are verified, and an entry has opened a position, which is protected.

    Moto cannot add to a number that it has brought to zero (it stores 0E-7), which the position prevents.
    """
    with tables_in_moto(PREFIX) as aws:
        store = DynamoStore(aws.dynamodb, PREFIX, sleep=lambda _: None)
        at_venue = open_desk(symbols=1, keep=lambda clock: dynamo_repositories(store, clock))
        made = Counted(at_venue, RequestCounter(aws.dynamodb), at_venue.symbols()[0])
        made.decide(made.signal(0, away="0.005"))
        at_venue.pass_time(AFTER_COOLDOWN_S, step_ms=1_000)
        assert at_venue.ledger_quantities()
        made.reset()
        yield made


def smaller(batch: LiquidationBatch) -> LiquidationBatch:
    """The same liquidation in a window that stays below the threshold."""
    (measured,) = batch.liquidations
    window = replace(measured.windows[60], usdt=Decimal(4_000), usdt_before=Decimal(1_000))
    return replace(batch, liquidations=(MeasuredLiquidation(measured.liquidation, {60: window}, 0),))
