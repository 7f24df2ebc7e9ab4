"""What can be going on when a process dies. Each scenario brings a fresh account to the moment of the fatal run."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import httpx
from tests.kill import asked
from tests.kill.case import AN_HOUR_MS, Case, Door, now_ms
from tests.kill.child import Settings

from undertow.adapters.sqs.messages import tick_mark_text, ticks_text
from undertow.domain.account import Control, Switch
from undertow.domain.conditions import Atr, Conditions, PercentileRank
from undertow.domain.ids import Symbol
from undertow.domain.market import Venue

USUAL: Final = Settings()
PUT_OFF_S: Final = 90
"""Long enough for whatever was to wait: an order's time, a follow-up, the grace of a reconciliation."""


def _nothing_more(_case: Case) -> None:
    """What must always be true is all."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """``prepare`` returns what the fatal run is given. ``entries`` are how many orders may have been sent that open.

    ``schedules`` run again after a death; ``check`` asserts what must be true in the end beside what always must.
    """

    name: str
    prepare: Callable[[Case], Sequence[Door]]
    entries: tuple[int, ...]
    late_s: int = 0
    settings: Settings = USUAL
    external: bool = False
    schedules: tuple[str, ...] = ("reconcile", "manage")
    check: Callable[[Case], None] = _nothing_more


def _entry_fills(case: Case) -> Sequence[Door]:
    return [("liquidations", case.signal())]


def _entry_rests(case: Case) -> Sequence[Door]:
    return [("liquidations", case.signal(resting=True))]


def _entry_expires(case: Case) -> Sequence[Door]:
    case.run(*_entry_rests(case))
    return [("manage", "")]


def _entry_expires_by_follow_up(case: Case) -> Sequence[Door]:
    case.run(*_entry_rests(case))
    return case.follow_ups()


def _fill_is_told(case: Case) -> Sequence[Door]:
    return [("user events", case.holds_a_position())]


def _fill_is_missed(case: Case) -> Sequence[Door]:
    case.holds_a_position()
    return [("reconcile", "")]


def _protected(case: Case, settings: Settings | None = None) -> None:
    case.run(*_entry_fills(case))
    case.run(("user events", case.user_events()), settings=settings)
    assert case.heard_since(), "the venue tells of the stop and the target"


def _stop_moves(case: Case) -> Sequence[Door]:
    _protected(case, Settings(stop_pct="7"))
    return [("manage", "")]


def _stop_trails(case: Case) -> Sequence[Door]:
    _protected(case)
    symbol = Symbol(case.post.symbol)
    mark = case.here.venues.market_data(Venue.ASTER).fetch_mark_price(symbol)
    risen = replace(mark, price=round(mark.price * Decimal("1.02"), 6), time_ms=now_ms())
    return [("ticks", ticks_text(Venue.ASTER, case.here.account.id, now_ms(), tick_mark_text(symbol, risen)))]


def _flattens(case: Case) -> Sequence[Door]:
    _protected(case)
    kept, account = case.here.desk.repositories, case.here.account.id
    assert kept.controls.set(Control(account, Switch.FLATTEN, now_ms(), "test", "the owner wants out", version=2))
    return [("manage", "")]


def _close_by_hand(case: Case) -> None:
    """The owner closes the position in the venue's own interface."""
    position = case.slot().position
    assert position is not None
    case.here.venues.connection.rest.orders.new_order(
        symbol=case.post.symbol, side="SELL", positionSide="LONG", type="MARKET", quantity=position.quantity
    )


def _close_by_hand_is_told(case: Case) -> Sequence[Door]:
    _protected(case)
    _close_by_hand(case)
    return case.heard_since()


def _close_by_hand_is_found(case: Case) -> Sequence[Door]:
    _protected(case)
    _close_by_hand(case)
    case.heard_since()
    return [("reconcile", "")]


def _open_by_hand(case: Case) -> None:
    symbol = Symbol(case.post.symbol)
    rules = case.here.desk.repositories.instruments.get(Venue.ASTER, symbol)
    assert rules is not None
    price = case.here.venues.market_data(Venue.ASTER).fetch_best_prices(symbol).ask
    case.here.venues.connection.rest.account.set_position_mode(dualSidePosition=True)
    quantity = (Decimal(50) / price // rules.lot_size + 1) * rules.lot_size
    case.here.venues.connection.rest.orders.new_order(
        symbol=symbol, side="BUY", positionSide="LONG", type="MARKET", quantity=quantity
    )


def _adopts_what_it_finds(case: Case) -> Sequence[Door]:
    _open_by_hand(case)
    case.heard_since()
    return [("reconcile", "")]


def _adopts_what_it_is_told(case: Case) -> Sequence[Door]:
    _open_by_hand(case)
    return case.heard_since()


def _unconfirmed(fault: str) -> Callable[[Case], Sequence[Door]]:
    """The venue answers 503 to the entry, and nobody knows what has become of it."""

    def prepare(case: Case) -> Sequence[Door]:
        _set_faults(case, f"{fault}=1")
        try:
            case.run(*_entry_fills(case))
        finally:
            _set_faults(case, "none")
        return case.follow_ups()

    return prepare


def _set_faults(case: Case, faults: str) -> None:
    httpx.post(f"{case.post.venue_url}/sim/faults", params={"faults": faults}, timeout=30).raise_for_status()


LADDER: Final = Settings(strategy="ladder")


def _first_layer(case: Case) -> Sequence[Door]:
    return [("liquidations", _layer(case, Decimal("1.004")))]


def _second_layer(case: Case) -> Sequence[Door]:
    case.run(*_first_layer(case), settings=LADDER)
    case.run(("user events", case.user_events()), settings=LADDER)
    case.heard_since()
    case.here.desk.repositories.balances.save(case.here.venues.venue.fetch_balance())
    return [("liquidations", _layer(case, Decimal("1.0005")))]


def _layer(case: Case, above: Decimal) -> str:
    """A large liquidation, believed to have happened while the price was ``above`` times what it is."""
    return case.signal(
        above=above,
        percentile=PercentileRank(Decimal(95), 900, Decimal(29), complete=True),
        conditions=Conditions({300: Atr(Decimal("0.4"), Decimal("0.5"), 300, now_ms() - 60_000)}, {}, {}, {}, None),
    )


def _history_is_imported(case: Case) -> Sequence[Door]:
    _protected(case)
    _close_by_hand(case)
    case.run(*case.heard_since())
    return [("import history", "")]


def _assert_books_equal(case: Case) -> None:
    """Each movement of the wallet once."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for income in case.here.desk.repositories.incomes.between(case.here.account.id, 0, now_ms() + AN_HOUR_MS):
        sums[income.venue_kind] += income.amount
    booked = {kind: Decimal(amount) for kind, amount in case.at_venue()["booked"].items()}
    assert {kind: total for kind, total in sums.items() if total} == {
        kind: total for kind, total in booked.items() if total
    }


def _rules_are_fetched(_case: Case) -> Sequence[Door]:
    return [("sync instruments", "")]


def _assert_ready(case: Case) -> None:
    ready = case.here.desk.repositories.readinesses.all(case.here.account.id)
    assert [one.symbol for one in ready] == [case.post.symbol]


def _of_a_position(what: Callable[[Case], Sequence[Door]]) -> Callable[[Case], Sequence[Door]]:
    """A person asks for something once a position is open and protected."""

    def prepare(case: Case) -> Sequence[Door]:
        _protected(case)
        return what(case)

    return prepare


def _of_a_ladder(what: Callable[[Case], Sequence[Door]]) -> Callable[[Case], Sequence[Door]]:
    def prepare(case: Case) -> Sequence[Door]:
        case.run(*_first_layer(case), settings=LADDER)
        case.run(("user events", case.user_events()), settings=LADDER)
        case.heard_since()
        return what(case)

    return prepare


SCENARIOS: Final = (
    Scenario("entry that fills at once", _entry_fills, (0, 1)),
    Scenario("fill told by the user stream", _fill_is_told, (1,)),
    Scenario("entry that rests", _entry_rests, (0, 1)),
    Scenario("entry that expires", _entry_expires, (1,), PUT_OFF_S),
    Scenario("entry that expires by a follow-up", _entry_expires_by_follow_up, (1,), PUT_OFF_S),
    Scenario("fill found by a reconciliation", _fill_is_missed, (1,), PUT_OFF_S),
    Scenario("stop that moves with the settings", _stop_moves, (1,), settings=Settings(stop_pct="6")),
    Scenario("stop that trails", _stop_trails, (1,), settings=Settings(trails=True)),
    Scenario("flatten", _flattens, (1,)),
    Scenario("close by hand, told", _close_by_hand_is_told, (1,)),
    Scenario("close by hand, found", _close_by_hand_is_found, (1,), PUT_OFF_S),
    Scenario(
        "position opened by hand, found",
        _adopts_what_it_finds,
        (0,),
        PUT_OFF_S,
        external=True,
        schedules=("import history", "reconcile", "manage"),
    ),
    Scenario("position opened by hand, told", _adopts_what_it_is_told, (0,), external=True),
    Scenario("unconfirmed entry that was taken", _unconfirmed("take_then_503"), (1,), PUT_OFF_S),
    Scenario("unconfirmed entry that was refused", _unconfirmed("refuse_503"), (0,), PUT_OFF_S),
    Scenario("first layer of a ladder", _first_layer, (0, 1), settings=LADDER),
    Scenario("second layer of a ladder", _second_layer, (1, 2), settings=LADDER),
    Scenario(
        "import of the history",
        _history_is_imported,
        (1,),
        schedules=("reconcile", "import history"),
        check=_assert_books_equal,
    ),
    Scenario(
        "fetching of rules", _rules_are_fetched, (0,), schedules=("reconcile", "sync instruments"), check=_assert_ready
    ),
    Scenario(
        "request taken down",
        _of_a_position(asked.half_is_asked_to_close),
        (1,),
        check=asked.assert_closed_once_or_never,
    ),
    Scenario(
        "request to close a half",
        _of_a_position(asked.half_is_to_close),
        (1,),
        check=asked.assert_closed_once_or_never,
    ),
    Scenario(
        "request to close all",
        _of_a_position(asked.all_is_to_close),
        (1,),
        check=asked.assert_closed_once_or_never,
    ),
    Scenario(
        "request to move the stop",
        _of_a_position(asked.stop_is_to_move),
        (1,),
        check=asked.assert_stop_moved_or_never,
    ),
    Scenario(
        "request to freeze layers",
        _of_a_ladder(asked.layers_are_to_freeze),
        (1,),
        settings=LADDER,
        check=asked.assert_layers_frozen_or_never,
    ),
    Scenario(
        "request to let layers go on",
        _of_a_ladder(asked.layers_are_to_go_on),
        (1,),
        settings=LADDER,
        check=asked.assert_layers_go_on_or_never,
    ),
)
