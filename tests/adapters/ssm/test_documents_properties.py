"""Whatever is admissible is stored exactly; whatever else a file may hold is refused, and never crashes a reader."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from annotated_types import Ge, Gt, Le
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm import globals_file, strategy_file
from undertow.adapters.ssm.documents import RiskSettings
from undertow.adapters.ssm.fields import details, is_exact
from undertow.adapters.ssm.kinds import KINDS
from undertow.adapters.ssm.layout import Paths
from undertow.adapters.ssm.store import SsmDocuments
from undertow.ports import BadDocument, Flaw

GLOBALS: dict[str, Any] = {
    "accounts": {
        "main": {
            "venue": "aster",
            "mode": "simulate",
            "hedge_mode": True,
            "limits": {
                "max_total_exposure_margin_usdt": "1000",
                "max_total_exposure_notional_usdt": "10000",
                "max_positions": 5,
                "max_leverage": 20,
            },
        }
    }
}
SYMBOLS = st.sampled_from(["BTCUSDT", "ETHUSDT", "1000PEPEUSDT", "暗流USDT"])
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def bounds(field: FieldInfo) -> tuple[Any, Any, bool]:
    """Lowest, highest, and whether the lowest itself is admitted."""
    low, high, closed = Decimal(0), Decimal(0), True
    for bound in field.metadata:
        match bound:
            case Ge(ge=least):
                low = Decimal(str(least))
            case Gt(gt=least):
                low, closed = Decimal(str(least)), False
            case Le(le=most):
                high = Decimal(str(most))
    return low, high, closed


def admissible(field: FieldInfo) -> st.SearchStrategy[object]:
    allowed = details(field)["allowed"]
    if allowed == "true or false":
        return st.booleans()
    if allowed.startswith("one of "):
        return st.sampled_from(allowed.removeprefix("one of ").split(", "))
    if allowed.startswith("a list"):
        return st.none() | st.lists(SYMBOLS, unique=True, max_size=4)
    low, high, closed = bounds(field)
    if is_exact(field):
        figures = st.decimals(low, high, places=4).filter(lambda figure: closed or figure > low).map(str)
        return figures | st.none() if "null" in allowed else figures
    return st.integers(int(low), int(high))


def settings_of(model: type[BaseModel]) -> st.SearchStrategy[dict[str, object]]:
    """The required ones and any others."""
    fields = {name: admissible(field) for name, field in model.model_fields.items()}
    required = {name: values for name, values in fields.items() if model.model_fields[name].is_required()}
    return st.fixed_dictionaries(required, optional={name: fields[name] for name in fields.keys() - required.keys()})


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A strategy file in which every setting is admissible by itself."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    settings = settings_of(KINDS[kind].settings)
    symbols = draw(st.dictionaries(SYMBOLS, settings, max_size=3))
    return {"id": "one", "kind": kind, "account": "main", "base": draw(settings), "symbols": symbols}


def flaws(parse: Callable[[str], object], document: Mapping[str, Any]) -> tuple[Flaw, ...]:
    """None when it is admitted. Whoever refuses has a reason."""
    try:
        parse(json.dumps(document))
    except BadDocument as error:
        return error.flaws or (Flaw("", "refused without a reason", ""),)
    return ()


def parsed(document: Mapping[str, Any]) -> strategy_file.Strategy:
    """Settings that contradict one another are another test's."""
    found = flaws(strategy_file.parse, document)
    assert all(flaw.allowed.startswith(("above ", "at least ", "false while ", "a number")) for flaw in found)
    assume(not found)
    return strategy_file.parse(json.dumps(document))


@settings(max_examples=40)
@given(documents())
def test_what_is_stored_of_a_strategy_reads_as_the_same_strategy(document: dict[str, Any]) -> None:
    strategy = parsed(document)
    again = strategy_file.parse(strategy.text)
    assert again.text == strategy.text
    assert again.notes == (), "what was filled in is stored, and not filled in twice"
    assert strategy_file.to_domain(again, 3, False) == strategy_file.to_domain(strategy, 3, False)


@settings(max_examples=40)
@given(documents())
def test_a_strategy_comes_back_from_the_store_as_it_went_in(document: dict[str, Any]) -> None:
    strategy = parsed(document)
    stored = SsmDocuments(MemoryParameters(), Paths("/undertow/test"))
    stored.store_globals(json.dumps(GLOBALS), expected=0)
    written = stored.store_strategy(json.dumps(document), expected=0)
    assert stored.strategy(strategy.id) == written
    assert written.text == strategy.text


@settings(max_examples=40)
@given(documents(), st.booleans())
def test_the_stages_switch_only_ever_takes_a_strategy_out_of_the_market(
    document: dict[str, Any], simulate: bool
) -> None:
    strategy = parsed(document)
    for symbol, params in strategy_file.to_domain(strategy, 1, simulate).symbols.items():
        own = {**document["base"], **document["symbols"][symbol]}
        assert params.simulate == (simulate or bool(own.get("simulate_only", False)))


@settings(max_examples=40)
@given(documents())
def test_warnings_never_fail_and_are_told_once_each(document: dict[str, Any]) -> None:
    current = globals_file.to_domain(globals_file.parse(json.dumps(GLOBALS)), 1)
    told = list(strategy_file.warnings(parsed(document), current))
    assert len(told) == len(set(told))


@given(settings_of(RiskSettings))
def test_risk_limits_hold_as_they_are_given_and_the_others_as_usual(risk: dict[str, Any]) -> None:
    account = {**GLOBALS["accounts"]["main"], "risk": risk}
    document = {"accounts": {"main": account}}
    found = flaws(globals_file.parse, document)
    assert all(flaw.allowed.startswith(("below ", "at least ")) for flaw in found)
    assume(not found)
    file = globals_file.parse(json.dumps(document))
    (limits,) = globals_file.to_domain(file, 1).limits.values()
    usual = RiskSettings()
    for name in RiskSettings.model_fields:
        wanted = risk.get(name, getattr(usual, name))
        assert getattr(limits.risk, name) == (
            frozenset(wanted) if isinstance(wanted, list) else None if wanted is None else Decimal(wanted)
        )
    assert globals_file.parse(globals_file.canonical(file)) == file


@settings(max_examples=40)
@given(documents(), st.data())
def test_a_figure_beyond_its_range_is_refused_wherever_it_stands(document: dict[str, Any], data: st.DataObject) -> None:
    model = KINDS[document["kind"]].settings
    ranged = [name for name, field in model.model_fields.items() if any(isinstance(one, Le) for one in field.metadata)]
    name = data.draw(st.sampled_from(sorted(ranged)))
    field = model.model_fields[name]
    low, high, _ = bounds(field)
    beyond = data.draw(st.integers(1, 10**6))
    value = data.draw(st.sampled_from([int(low) - beyond, int(high) + beyond]))
    place = data.draw(st.sampled_from(["base", *document["symbols"]]))
    target = document["base"] if place == "base" else document["symbols"][place]
    target[name] = str(value) if is_exact(field) else value
    with pytest.raises(BadDocument) as refused:
        strategy_file.parse(json.dumps(document))
    path = f"base.{name}" if place == "base" else f"symbols.{place}.{name}"
    (flaw,) = [flaw for flaw in refused.value.flaws if flaw.field == path]
    assert flaw.value == json.dumps(target[name])
    assert details(field)["allowed"] in flaw.allowed


@given(st.dictionaries(st.sampled_from(["id", "kind", "account", "enabled", "base", "symbols", "x"]), JSON_VALUES))
def test_any_json_at_all_is_a_strategy_or_refused(document: dict[str, Any]) -> None:
    assert all(flaw.field for flaw in flaws(strategy_file.parse, document))


@settings(max_examples=40)
@given(documents(), st.data())
def test_any_value_in_any_place_is_admitted_or_refused(document: dict[str, Any], data: st.DataObject) -> None:
    target = data.draw(st.sampled_from([document, document["base"], document["symbols"]]))
    names = [*KINDS[document["kind"]].settings.model_fields, *document, *document["symbols"]]
    target[data.draw(st.sampled_from(sorted(names)))] = data.draw(JSON_VALUES)
    assert all(flaw.field for flaw in flaws(strategy_file.parse, document))


@given(JSON_VALUES, st.sampled_from(["accounts", "extra_symbols", "external_positions", "simulate_only", "x"]))
def test_any_json_at_all_is_globals_or_refused(value: object, name: str) -> None:
    assert all(flaw.field for flaw in flaws(globals_file.parse, {**GLOBALS, name: value}))
