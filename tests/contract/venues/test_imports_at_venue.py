"""A long past at the simulator is imported whole and once, however often the import dies, and explains the wallet."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random

import httpx
import pytest
from local.venue.authentication import Doorman
from local.venue.faults import parsed
from local.venue.past import Past, PastFill, drawn_past, seed_history
from local.venue.rest import Rest
from local.venue.transport import VenueTransport
from tests.contract.venues.desk_at_venue import DeskAtVenue, SimulatedVenues, open_desk
from tests.services.world import ACCOUNT, START_MS

from undertow.adapters.aster.connection import AgentCredentials, connect
from undertow.adapters.aster.venue import AsterVenue
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, Symbol, TradeId
from undertow.domain.imports import Checkpoint
from undertow.domain.income import Income, IncomeKind
from undertow.domain.numbers import ZERO
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import Checkpoints, Incomes, Trades
from undertow.services.allowance import INCOME_WEIGHT, TRADES_WEIGHT, WEIGHT_A_MINUTE
from undertow.services.import_history import ImportHistory

DAY_MS = 24 * 3_600_000


class Killed(Exception):
    """The process ended here."""


@dataclass(slots=True)
class Deaths:
    """Ends the process at the steps drawn: every page has one before it is asked for, stored and marked as done."""

    at: frozenset[int]
    steps: int = 0
    died: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps in self.at:
            self.died += 1
            raise Killed(f"at step {self.steps}")


@dataclass(slots=True)
class CountingTransport(httpx.BaseTransport):
    inner: VenueTransport
    deaths: Deaths
    requests: dict[str, int] = field(default_factory=dict)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.deaths.step()
        name = request.url.path.rsplit("/", 1)[-1]
        self.requests[name] = self.requests.get(name, 0) + 1
        return self.inner.handle_request(request)

    @property
    def weight(self) -> int:
        return self.requests.get("userTrades", 0) * TRADES_WEIGHT + self.requests.get("income", 0) * INCOME_WEIGHT


@dataclass(frozen=True, slots=True)
class MortalTrades:
    inner: Trades
    deaths: Deaths

    def record(self, trades: Sequence[Fill]) -> int:
        self.deaths.step()
        return self.inner.record(trades)

    def between(self, account: AccountId, from_ms: int, to_ms: int, symbol: Symbol | None = None) -> Sequence[Fill]:
        return list(self.inner.between(account, from_ms, to_ms, symbol))


@dataclass(frozen=True, slots=True)
class MortalIncomes:
    inner: Incomes
    deaths: Deaths

    def record(self, incomes: Sequence[Income]) -> Sequence[Income]:
        self.deaths.step()
        return self.inner.record(incomes)

    def between(
        self, account: AccountId, from_ms: int, to_ms: int, kinds: frozenset[IncomeKind] | None = None
    ) -> Sequence[Income]:
        return list(self.inner.between(account, from_ms, to_ms, kinds))


@dataclass(frozen=True, slots=True)
class MortalCheckpoints:
    """Dies before the checkpoint: the page is stored already."""

    inner: Checkpoints
    deaths: Deaths

    def get(self, account: AccountId, stream: str) -> Checkpoint | None:
        return self.inner.get(account, stream)

    def of_account(self, account: AccountId) -> Sequence[Checkpoint]:
        return self.inner.of_account(account)

    def save(self, checkpoint: Checkpoint) -> bool:
        self.deaths.step()
        return self.inner.save(checkpoint)


@dataclass(frozen=True, slots=True)
class Import:
    at_venue: DeskAtVenue
    run: ImportHistory
    transport: CountingTransport
    deaths: Deaths

    def until_done(self, most: int = 120) -> int:
        """Runs once a minute; return how many it took."""
        kept = self.at_venue.desk.repositories.checkpoints
        for number in range(most):
            with suppress(Killed, VenueReadFailed, VenueUnreachable):
                assert self.run(ACCOUNT) <= WEIGHT_A_MINUTE
                streams = kept.of_account(ACCOUNT.id)
                if all(one.caught_up_at_ms is not None for one in streams):
                    return number + 1
            self.at_venue.clock.advance(60_000)
        raise AssertionError(f"not done after {most} runs: {kept.of_account(ACCOUNT.id)}")


def importing(at_venue: DeskAtVenue, deaths: Deaths) -> Import:
    house, clock, whole = at_venue.house, at_venue.clock, at_venue.desk.import_history
    rest, keys = Rest(house, Doorman(house.accounts), clock.now_ms), house.accounts[0]
    transport = CountingTransport(VenueTransport(rest.handle), deaths)
    credentials = AgentCredentials(keys.user, keys.agent_key)
    connection = connect("http://venue", credentials, clock.now_ms, lane=2, transport=transport)
    venues = SimulatedVenues(connection, AsterVenue(ACCOUNT.id, connection))
    kept = at_venue.desk.repositories
    checkpoints = MortalCheckpoints(kept.checkpoints, deaths)
    run = replace(
        whole,
        checkpoints=checkpoints,
        import_income=replace(
            whole.import_income, venues=venues, checkpoints=checkpoints, incomes=MortalIncomes(kept.incomes, deaths)
        ),
        sync_trades=replace(
            whole.sync_trades, venues=venues, checkpoints=checkpoints, trades=MortalTrades(kept.trades, deaths)
        ),
    )
    return Import(at_venue, run, transport, deaths)


def with_past(at_venue: DeskAtVenue, counts: Sequence[int], days: int, dense: int) -> None:
    """Trades of several markets, so many of each; ``dense`` of the first one's within an hour."""
    house = at_venue.house
    contracts = house.exchange.contracts()
    past: list[Past] = []
    for number, (symbol, trades) in enumerate(zip(at_venue.symbols(), counts, strict=False)):
        drawn = drawn_past(
            contracts[symbol],
            price=house.market.quote(symbol).last,
            trades=trades,
            from_ms=START_MS - days * DAY_MS,
            to_ms=START_MS - DAY_MS,
            dense=dense if number == 0 else 0,
            dense_from_ms=START_MS - days * DAY_MS // 2,
            seed=number,
        )
        past += [_named(entry, symbol) for entry in drawn]
    seed_history(house, house.accounts[0].account, past)


def _named(entry: Past, symbol: Symbol) -> Past:
    if isinstance(entry, PastFill):
        return replace(entry, client_order_id=f"{symbol}-{entry.client_order_id}")
    return entry


def imported(at_venue: DeskAtVenue) -> tuple[list[Fill], list[Income]]:
    kept, now_ms = at_venue.desk.repositories, at_venue.clock.now_ms()
    return list(kept.trades.between(ACCOUNT.id, 0, now_ms)), list(kept.incomes.between(ACCOUNT.id, 0, now_ms))


def assert_everything_once(at_venue: DeskAtVenue) -> None:
    house = at_venue.house
    account = house.accounts[0].account
    trades, incomes = imported(at_venue)
    listed = [(one.symbol, one.id) for symbol in at_venue.symbols() for one in house.exchange.trades(account, symbol)]
    assert sorted((one.symbol, int(one.trade_id)) for one in trades) == sorted(listed)
    rows = [(row.time_ms, row.type.value, row.amount) for row in house.exchange.incomes(account)]
    assert sorted((row.time_ms, row.venue_kind, row.amount) for row in incomes) == sorted(rows)


def assert_the_wallet_is_explained(at_venue: DeskAtVenue) -> None:
    """Wallet start (nothing) + realised + funding - fees + transfers is the wallet's end, to the last digit."""
    trades, incomes = imported(at_venue)
    of_kind = {kind: sum((row.amount for row in incomes if row.kind is kind), ZERO) for kind in IncomeKind}
    realised = sum((one.realized_pnl for one in trades), ZERO)
    fees = sum((one.commission for one in trades), ZERO)
    assert realised == of_kind[IncomeKind.REALIZED_PNL]
    assert -fees == of_kind[IncomeKind.COMMISSION]
    explained = realised + of_kind[IncomeKind.FUNDING] - fees + of_kind[IncomeKind.TRANSFER]
    assert explained == at_venue.venues.venue.fetch_balance().wallet


def test_25_000_trades_of_200_days_are_imported_once_each_though_the_import_dies_ten_times(
    record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    at_venue = open_desk()
    with_past(at_venue, (15_000, 6_000, 4_000), days=200, dense=1_500)
    deaths = Deaths(frozenset(Random("ten deaths").sample(range(1, 300), 10)))
    history = importing(at_venue, deaths)
    runs = history.until_done()
    assert deaths.died == 10
    assert_everything_once(at_venue)
    assert_the_wallet_is_explained(at_venue)
    trades, incomes = imported(at_venue)
    assert len(trades) == 25_000
    figures = {
        "trades": len(trades),
        "incomes": len(incomes),
        "deaths": deaths.died,
        "minutes": runs,
        "weight": history.transport.weight,
        **history.transport.requests,
    }
    for name, value in figures.items():
        record_property(name, value)
    with capsys.disabled():
        print(f"\nimport: {figures}")  # noqa: T201
    assert history.transport.weight < 25 * 100
    again = len(incomes), len(trades)
    at_venue.clock.advance(600_000)
    history.until_done()
    assert tuple(map(len, reversed(imported(at_venue)))) == again


@pytest.mark.parametrize("seed", range(12))
def test_wherever_it_dies_and_whatever_the_venue_answers_everything_is_there_once(seed: int) -> None:
    at_venue = open_desk(seed=seed)
    with_past(at_venue, (900, 400), days=40, dense=300)
    at_venue.house.faults.active.update(parsed("read_503=0.1,read_timeout=0.1,read_reset=0.1,answer_429=0.02"))
    random = Random(f"deaths {seed}")
    deaths = Deaths(frozenset(random.sample(range(1, 120), 25)))
    history = importing(at_venue, deaths)
    small = random.choice([50, 75, 333])
    run = replace(
        history.run,
        import_income=replace(history.run.import_income, page_size=small),
        sync_trades=replace(history.run.sync_trades, page_size=small),
    )
    replace(history, run=run).until_done(most=400)
    assert deaths.died > 0
    assert_everything_once(at_venue)
    trades, _ = imported(at_venue)
    assert len({(one.symbol, one.trade_id) for one in trades}) == len(trades) == 1_300


def test_a_page_of_trades_begins_where_it_was_asked_to() -> None:
    at_venue = open_desk()
    with_past(at_venue, (20,), days=10, dense=0)
    venue, symbol = at_venue.venues.venue, at_venue.symbols()[0]
    page = venue.fetch_trade_page(symbol, TradeId(0), 5)
    assert len(page) == 5
    assert list(venue.fetch_trade_page(symbol, page[2].trade_id, 3)) == list(page[2:])
    assert all(one.commission > ZERO for one in page)
