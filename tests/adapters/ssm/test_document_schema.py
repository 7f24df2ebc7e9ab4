"""The schema that forms are built from says what the models check, field by field."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

import pytest
from pydantic import BaseModel, ValidationError

from undertow.adapters.ssm.documents import GlobalsFile
from undertow.adapters.ssm.groups import GROUPS
from undertow.adapters.ssm.kinds import KINDS
from undertow.adapters.ssm.schema import components, globals_schema, kind_schemas, settings_schema
from undertow.domain.json_text import read_object, write_json

Schema = dict[str, Any]

WITHOUT_UNIT = {"min_reward_risk", "spacing_power"}
NEEDED: dict[str, Schema] = {
    "hunter": {
        "leverage": 10,
        "trade_value_usdt": "100",
        "max_position_margin_usdt": "500",
        "max_position_notional_usdt": "5000",
        "volume_threshold_long": "10000",
        "volume_threshold_short": "10000",
    },
    "ladder": {"leverage": 10, "max_position_margin_usdt": "300", "max_position_notional_usdt": "3000"},
}
TINY = Decimal("0.000000000001")


def properties(kind: str) -> dict[str, Schema]:
    return cast(dict[str, Schema], settings_schema(kind)["properties"])


FIELDS = [(kind, name) for kind in KINDS for name in properties(kind)]


def fields_below(schema: Schema, name: str = "") -> Iterator[tuple[str, Schema]]:
    for key, field in schema.get("properties", {}).items():
        yield f"{name}{key}", field
        yield from fields_below(field, f"{name}{key}.")
        more = field.get("additionalProperties")
        if isinstance(more, dict):
            yield from fields_below(more, f"{name}{key}.NAME.")


def accepts(model: type[BaseModel], given: Schema) -> bool:
    try:
        model.model_validate(given)
    except ValidationError:
        return False
    return True


def edges(field: Schema) -> Iterator[tuple[Any, bool]]:
    """Values at and just beyond each bound of ``field``, with whether they are allowed."""
    if "enum" in field:
        yield from ((one, True) for one in field["enum"])
        yield "something else", False
    if "minimum" in field:
        yield from ((field["minimum"], True), (field["minimum"] - 1, False))
    if "maximum" in field:
        yield from ((field["maximum"], True), (field["maximum"] + 1, False))
    if "x-minimum" in field:
        least = Decimal(field["x-minimum"])
        yield from ((f"{least:f}", True), (f"{least - TINY:f}", False))
    if "x-exclusive-minimum" in field:
        least = Decimal(field["x-exclusive-minimum"])
        yield from ((f"{least + TINY:f}", True), (f"{least:f}", False))
    if "x-maximum" in field:
        most = Decimal(field["x-maximum"])
        yield from ((f"{most:f}", True), (f"{most + TINY:f}", False))
    if field["type"] == "boolean":
        yield from ((True, True), (False, True), ("yes", False))
    yield None, "null" in field["type"]


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_a_form_allows_what_the_api_allows_and_refuses_what_it_refuses(kind: str, name: str) -> None:
    model = KINDS[kind].settings
    found = list(edges(properties(kind)[name]))
    assert len(found) > 1
    for value, allowed in found:
        assert accepts(model, {**NEEDED[kind], name: value}) is allowed, value


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_every_setting_has_a_title_a_meaning_a_range_and_a_unit_or_says_that_it_has_none(kind: str, name: str) -> None:
    field = properties(kind)[name]
    assert field["title"]
    assert field["description"].endswith(".")
    assert field["x-allowed"]
    is_number = {"integer", "number"} & set([field["type"]] if isinstance(field["type"], str) else field["type"])
    if is_number and name not in WITHOUT_UNIT:
        assert field["x-unit"], name
    else:
        assert field["x-unit"] is None, name


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_a_default_is_what_the_model_takes_when_nothing_is_given(kind: str, name: str) -> None:
    field, model = properties(kind)[name], KINDS[kind].settings
    if field["x-required"]:
        assert "default" not in field
        missing = {key: value for key, value in NEEDED[kind].items() if key != name}
        assert not accepts(model, missing)
    else:
        left_out = model.model_validate(NEEDED[kind])
        given = model.model_validate({**NEEDED[kind], name: field["default"]})
        assert getattr(left_out, name) == getattr(given, name)


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_stands_under_one_heading(kind: str) -> None:
    grouped = [name for group in GROUPS[kind] for name in group.settings]
    assert sorted(grouped) == sorted(KINDS[kind].settings.model_fields)
    titles = [field["title"] for field in properties(kind).values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("kind", KINDS)
def test_base_and_symbols_of_a_strategy_are_of_the_same_settings(kind: str) -> None:
    schema = cast(Schema, kind_schemas()[kind])
    base, symbols = schema["properties"]["base"], schema["properties"]["symbols"]
    assert base["$ref"] == symbols["additionalProperties"]["$ref"] == "#/$defs/settings"
    assert schema["$defs"]["settings"] == settings_schema(kind)
    assert schema["required"] == ["id", "kind", "account", "base", "symbols"]
    assert re.fullmatch(symbols["propertyNames"]["pattern"], "BTCUSDT")


def test_the_globals_say_the_unit_of_every_number() -> None:
    found = dict(fields_below(cast(Schema, globals_schema())))
    assert found["accounts.NAME.risk.max_daily_loss_pct"]["type"] == ["string", "number", "null"]
    for name, field in found.items():
        kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
        assert bool({"integer", "number"} & set(kinds)) == (field["x-unit"] is not None), name
        assert field["description"], name


def test_the_globals_that_the_schema_gives_as_defaults_are_admissible() -> None:
    limits = {
        "max_total_exposure_margin_usdt": "1000",
        "max_total_exposure_notional_usdt": "10000",
        "max_positions": 5,
        "max_leverage": 20,
    }
    account = {"venue": "aster", "mode": "live", "hedge_mode": True, "limits": limits}
    written = {
        name: field["default"]
        for name, field in cast(Schema, globals_schema())["properties"].items()
        if "default" in field
    }
    assert accepts(GlobalsFile, {"accounts": {"main": account}, **written})


def test_the_parts_of_an_openapi_document_refer_to_each_other() -> None:
    parts = components()
    assert set(parts) == {"GlobalsDocument", "HunterSettings", "HunterDocument", "LadderSettings", "LadderDocument"}
    document = cast(Schema, parts["LadderDocument"])
    assert document["properties"]["base"]["$ref"] == "#/components/schemas/LadderSettings"


def test_no_schema_holds_a_number_with_a_point() -> None:
    for text in (write_json(dict(kind_schemas())), write_json(globals_schema()), write_json(dict(components()))):
        assert "." not in re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
        assert read_object(text)
