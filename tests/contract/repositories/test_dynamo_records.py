"""Rows hold everything to the digit, whatever it is."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.repositories.make import (
    BTC,
    LONG,
    NOW_MS,
    PLAN,
    balance,
    control,
    decision,
    entry_of,
    fill,
    instrument,
    order,
    position,
)

from undertow.adapters.dynamo.attributes import (
    DecimalAttribute,
    EnumAttribute,
    IntegerAttribute,
    NotStorable,
    number_text,
)
from undertow.adapters.dynamo.guard_records import GuardRecord
from undertow.adapters.dynamo.ledger_records import (
    ClosedPositionRecord,
    ReservationRecord,
    SlotRecord,
    TotalsRecord,
)
from undertow.adapters.dynamo.records import AuditRecord, DecisionRecord, FillRecord, OrderRecord
from undertow.adapters.dynamo.register_records import (
    BalanceRecord,
    ControlRecord,
    InstrumentRecord,
    ReadinessRecord,
    VenueHealthRecord,
)
from undertow.adapters.dynamo.session_records import SessionRecord
from undertow.adapters.dynamo.worker_rows import heartbeat_item, heartbeat_of, liquidation_items, liquidations_of
from undertow.adapters.dynamo.written import read_ladder, write_ladder
from undertow.domain.account import Balance, BookTotals, Heartbeat, Readiness, VenueHealth
from undertow.domain.booking import ReservationState
from undertow.domain.decision import Decision
from undertow.domain.fill import Fill
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import client_order_id
from undertow.domain.instrument import Instrument
from undertow.domain.ladder import Ladder, PlannedLayer, StopAnchor
from undertow.domain.market import Liquidation, PositionSide, Venue
from undertow.domain.order import Order, OrderState
from undertow.domain.position import Position, Slot
from undertow.domain.session import TradeSession
from undertow.ports import AuditRow
from undertow.risk.limits import HARD_MAX_LAYERS

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**15), max_value=10**15)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    Decimal: NUMBERS,
    str: TEXTS,
    int: st.integers(0, 10**13 - 1),
    bool: st.booleans(),
    type(None): st.none(),
}


def some(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type of the domain, with numbers and texts as bad as they can get."""
    if kind in BY_TYPE:
        return BY_TYPE[kind]
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: some(hints[field.name]) for field in fields(kind)})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    if hasattr(kind, "__supertype__"):
        return some(kind.__supertype__)
    if get_origin(kind) is tuple:
        return st.lists(some(get_args(kind)[0]), max_size=3).map(tuple)
    if get_origin(kind) is Mapping:
        return st.dictionaries(*map(some, get_args(kind)), max_size=3)
    return st.one_of(*map(some, get_args(kind)))


def stored(item: dict[str, Any]) -> dict[str, Any]:
    """As a table gives it back: numbers in its own notation, with no trailing zeros."""
    return {name: _stored(value) for name, value in item.items()}


def _stored(value: dict[str, Any]) -> dict[str, Any]:
    ((kind, content),) = value.items()
    if kind == "N":
        return {"N": number_text(Decimal(content))}
    if kind == "M":
        return {"M": stored(content)}
    if kind == "L":
        return {"L": [_stored(one) for one in content]}
    return value


@given(some(Order))
def test_an_order_survives_its_row(made: Order) -> None:
    assert OrderRecord.from_raw_data(stored(OrderRecord.from_domain(made).serialize())).to_domain() == made


@given(some(Fill))
def test_a_fill_survives_its_row(made: Fill) -> None:
    assert FillRecord.from_raw_data(stored(FillRecord.from_domain(made).serialize())).to_domain() == made


@given(some(Decision))
def test_a_decision_survives_its_row(made: Decision) -> None:
    assert DecisionRecord.from_raw_data(stored(DecisionRecord.from_domain(made).serialize())).to_domain() == made


@given(some(Slot))
@settings(max_examples=200)
def test_a_slot_survives_its_row(made: Slot) -> None:
    assert SlotRecord.from_raw_data(stored(SlotRecord.from_domain(made).serialize())).to_domain() == made


@given(some(Position))
def test_a_closed_position_survives_its_row(made: Position) -> None:
    item = ClosedPositionRecord.from_domain(made).serialize()
    assert ClosedPositionRecord.from_raw_data(stored(item)).to_domain() == made


@given(some(Balance), some(Readiness), some(VenueHealth), some(AuditRow))
def test_what_is_known_of_an_account_survives_its_rows(
    balance: Balance, readiness: Readiness, health: VenueHealth, row: AuditRow
) -> None:
    assert BalanceRecord.from_raw_data(BalanceRecord.from_domain(balance, "latest").serialize()).to_domain() == balance
    assert ReadinessRecord.from_raw_data(ReadinessRecord.from_domain(readiness).serialize()).to_domain() == readiness
    assert VenueHealthRecord.from_raw_data(VenueHealthRecord.from_domain(health).serialize()).to_domain() == health
    assert AuditRecord.from_raw_data(AuditRecord.from_domain(row).serialize()).to_domain() == row


@given(some(Heartbeat))
def test_a_heartbeat_survives_its_row(made: Heartbeat) -> None:
    assert heartbeat_of(heartbeat_item(made)) == made


@given(st.lists(some(Liquidation).map(lambda one: replace(one, venue=Venue.ASTER)), max_size=20))
def test_liquidations_survive_their_rows(made: list[Liquidation]) -> None:
    items = liquidation_items(Venue.ASTER, 1, made)
    read = [one for item in items for one in liquidations_of(Venue.ASTER, item)]
    assert read == sorted(made, key=lambda one: one.event_time_ms)


@given(some(Instrument))
def test_an_instrument_survives_its_row_with_its_tiers(made: Instrument) -> None:
    assert InstrumentRecord.from_raw_data(stored(InstrumentRecord.from_domain(made).serialize())).to_domain() == made


@given(some(AccountGuard), some(TradeSession))
def test_a_guard_and_a_session_survive_their_rows(guard: AccountGuard, session: TradeSession) -> None:
    assert GuardRecord.from_raw_data(stored(GuardRecord.from_domain(guard).serialize())).to_domain() == guard
    assert SessionRecord.from_raw_data(stored(SessionRecord.from_domain(session).serialize())).to_domain() == session


@given(some(Ladder))
def test_a_ladder_survives_its_text(made: Ladder) -> None:
    assert read_ladder(write_ladder(made)) == made


def test_a_ladder_of_twenty_layers_with_numbers_as_long_as_they_get_takes_little_of_a_row() -> None:
    long = Decimal("1" * 20 + "." + "1" * 18)
    numbers = range(1, HARD_MAX_LAYERS + 1)
    layers = tuple(PlannedLayer(number, long, long, long) for number in numbers)
    orders = {number: client_order_id("e", str(number)) for number in numbers}
    full = Ladder(replace(PLAN, layers=layers), orders, dict.fromkeys(numbers, long), NOW_MS, NOW_MS)
    assert read_ladder(write_ladder(full)) == full
    assert len(write_ladder(full).encode()) < 8_000


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1." + "1" * 38])
def test_a_ladder_with_a_number_that_cannot_be_stored_is_not_stored_at_all(value: str) -> None:
    with pytest.raises(NotStorable):
        write_ladder(Ladder(replace(PLAN, stop_price=Decimal(value))))


@pytest.mark.parametrize(("known", "unknown"), [("long", "both"), ("signal", "moon")])
def test_a_ladder_with_a_word_that_nobody_told_us_about_is_loud(known: str, unknown: str) -> None:
    words = {"long": PositionSide.LONG.value, "signal": StopAnchor.SIGNAL.value}
    text = write_ladder(Ladder(PLAN)).replace(f'"{words[known]}"', f'"{unknown}"')
    with pytest.raises(ValueError, match=unknown):
        read_ladder(text)


# --- rows from before there were ladders


def without(item: dict[str, Any], *names: str) -> dict[str, Any]:
    assert set(names) <= set(item)
    return {name: value for name, value in item.items() if name not in names}


def test_a_slot_from_before_ladders_reads_as_one_without() -> None:
    placed = order()
    entry = entry_of(placed)
    held = replace(Slot(placed.intent.account, BTC, LONG).with_entry(entry, NOW_MS), position=position(fill()))
    item = SlotRecord.from_domain(held).serialize()
    assert "ladder" not in item
    old_position = without(item["position"]["M"], "risk_flag")
    old_entries = [{"M": without(one["M"], "risk")} for one in item["entries"]["L"]]
    old_reserved = [{"M": without(one["M"], "risk")} for one in item["reserved"]["L"]]
    old = item | {"position": {"M": old_position}, "entries": {"L": old_entries}, "reserved": {"L": old_reserved}}
    assert SlotRecord.from_raw_data(old).to_domain() == held


def test_orders_decisions_instruments_and_balances_from_before_read_with_what_was_usual() -> None:
    old_order = without(OrderRecord.from_domain(order()).serialize(), "risk")
    assert OrderRecord.from_raw_data(old_order).to_domain() == order()
    old_decision = without(DecisionRecord.from_domain(decision()).serialize(), "layers")
    assert DecisionRecord.from_raw_data(old_decision).to_domain() == decision()
    old_rules = without(InstrumentRecord.from_domain(instrument()).serialize(), "brackets")
    assert InstrumentRecord.from_raw_data(old_rules).to_domain() == instrument()
    assert BalanceRecord.from_raw_data(BalanceRecord.from_domain(balance(), "latest").serialize()).to_domain() == (
        balance()
    )


def test_totals_and_reservations_from_before_reserve_no_risk() -> None:
    totals = TotalsRecord(pk="main", sk="totals", notional=Decimal(5), margin=Decimal(1), slots=1, version=3)
    old_totals = without(totals.serialize(), "risk")
    assert TotalsRecord.from_raw_data(old_totals).to_domain() == BookTotals(
        order().intent.account, Decimal(5), Decimal(1), 1, 3, Decimal(0)
    )
    row = ReservationRecord(
        pk="main",
        sk="ut-e-1",
        symbol=BTC,
        side=LONG,
        notional=Decimal(5),
        margin=Decimal(1),
        state=ReservationState.RESERVED,
        reserved_at_ms=NOW_MS,
    )
    old_row = without(row.serialize(), "risk")
    assert ReservationRecord.from_raw_data(old_row).to_domain().risk == 0


def test_a_control_survives_its_row() -> None:
    assert ControlRecord.from_raw_data(ControlRecord.from_domain(control()).serialize()).to_domain() == control()


# --- numbers


@given(st.integers(-(10**38) + 1, 10**38 - 1), st.integers(-90, 80))
def test_a_number_of_38_digits_is_stored_to_the_digit(digits: int, exponent: int) -> None:
    exact = Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), exponent))
    text = DecimalAttribute().serialize(exact)
    assert Decimal(text) == exact
    assert "E" not in text
    assert text == number_text(Decimal(text))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0E-12", "0"),
        ("0E+5", "0"),
        ("1.50", "1.5"),
        ("1E+3", "1000"),
        ("-0.000000012", "-0.000000012"),
        ("1E-130", "0." + "0" * 129 + "1"),
    ],
)
def test_equal_numbers_are_equal_texts_without_exponent_or_trailing_zeros(value: str, text: str) -> None:
    assert number_text(Decimal(value)) == text


@pytest.mark.parametrize(
    "value", ["1" * 39, "0." + "1" * 39, "1E126", "1E-131", "NaN", "Infinity", "-Infinity", "sNaN"]
)
def test_a_number_that_a_table_would_round_or_refuse_is_never_stored(value: str) -> None:
    with pytest.raises(NotStorable):
        DecimalAttribute().serialize(Decimal(value))


@pytest.mark.parametrize("value", [1.5, 1, True, "1"])
def test_what_is_not_a_decimal_is_never_stored_as_money(value: Any) -> None:
    with pytest.raises(NotStorable):
        DecimalAttribute().serialize(value)


@pytest.mark.parametrize("value", [True, 1.0, "1", Decimal(1)])
def test_what_is_not_an_integer_is_never_stored_as_one(value: Any) -> None:
    with pytest.raises(NotStorable):
        IntegerAttribute().serialize(value)


def test_an_unknown_state_in_a_row_is_loud() -> None:
    with pytest.raises(ValueError, match="half_open"):
        EnumAttribute(OrderState).deserialize("half_open")


def test_an_order_with_a_number_that_cannot_be_stored_is_not_stored_at_all() -> None:
    endless = order(average_price=Decimal("1." + "1" * 38))
    with pytest.raises(NotStorable):
        OrderRecord.from_domain(endless).serialize()


def test_a_finished_order_is_in_no_index_of_living_ones() -> None:
    assert "live" in OrderRecord.from_domain(order()).serialize()
    assert "live" not in OrderRecord.from_domain(order(state=OrderState.FILLED)).serialize()


def test_only_fading_rows_carry_a_time_to_live() -> None:
    slot = SlotRecord.from_domain(Slot(order().intent.account, BTC, LONG)).serialize()
    assert "expires_at_s" not in slot
    assert "expires_at_s" not in OrderRecord.from_domain(order()).serialize()


def test_rows_of_the_worker_need_neither_pynamodb_nor_the_sdk() -> None:
    """The stream worker has 80 MB."""
    code = (
        "import sys, undertow.adapters.dynamo.worker_rows\n"
        "print(sorted({'pynamodb', 'botocore', 'boto3', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
