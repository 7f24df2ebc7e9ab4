"""JSON Schema of strategies and globals, read off the models that check them: a form and the API know the same bounds.

A figure is a text such as "12.5", or a number, and never rounded; its bounds are texts too (``x-minimum``,
``x-exclusive-minimum``, ``x-maximum``), because a JSON number with a point is not exact. Each field has its unit in
``x-unit``, null where it has none, and what is allowed in words in ``x-allowed``. ``x-required`` marks a setting that
every symbol needs, given by itself or by the base.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from undertow.adapters.ssm.documents import GlobalsFile, StrategyFile
from undertow.adapters.ssm.fields import as_json, details
from undertow.adapters.ssm.groups import GROUPS
from undertow.adapters.ssm.kinds import KINDS
from undertow.domain.json_text import Json
from undertow.domain.numbers import plain

Schema = dict[str, Json]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
FIGURE: Final = r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$"
_WORDS: Final = {"usdt": "USDT", "vwap": "VWAP", "atr": "ATR", "id": "Id"}
_UNIT_ENDINGS: Final = ("_usdt", "_pct", "_sec", "_seconds", "_s", "_min")
_TITLES: Final = {
    "first_step_pct": "First step",
    "layer1_size_pct": "Size of layer 1",
    "stop_loss_atr": "Stop loss in ATR",
    "take_profit_atr": "Take profit in ATR",
    "stop_loss_min_pct": "Stop loss, nearest",
    "stop_loss_max_pct": "Stop loss, farthest",
    "take_profit_min_pct": "Take profit, nearest",
    "take_profit_max_pct": "Take profit, farthest",
    "order_ttl_seconds": "Life of an entry",
    "margin_pct": "Share of equity",
    "min_reward_risk": "Least reward for risk",
    "min_history": "Least history",
    "max_upsize": "Most upsizing",
    "max_total_deviation_pct": "Most deviation",
    "price_protect": "Price protection",
    "working_type": "Triggered by",
    "use_usdt_volume": "Volume in USDT",
    "max_open_orders_per_symbol": "Most open entries",
    "max_position_margin_usdt": "Most margin",
    "max_position_notional_usdt": "Most notional",
}


@cache
def kind_schemas() -> Mapping[str, Schema]:
    """A whole strategy, by kind. The settings stand once, under ``$defs``; base and symbols refer to them."""
    return {
        kind: {
            "$schema": DIALECT,
            **strategy_schema(kind, "#/$defs/settings"),
            "$defs": {"settings": settings_schema(kind)},
        }
        for kind in KINDS
    }


@cache
def globals_schema() -> Schema:
    return {"$schema": DIALECT, "title": "Globals", **_object(GlobalsFile)}


@cache
def components() -> Mapping[str, Schema]:
    """The same as parts of an OpenAPI document: by the name that each has below ``#/components/schemas/``."""
    found: dict[str, Schema] = {"GlobalsDocument": {"title": "Globals", **_object(GlobalsFile)}}
    for kind in KINDS:
        name = kind.capitalize()
        found[f"{name}Settings"] = settings_schema(kind)
        found[f"{name}Document"] = strategy_schema(kind, f"#/components/schemas/{name}Settings")
    return found


def strategy_schema(kind: str, settings: str) -> Schema:
    """``settings`` is where the schema of the settings stands."""
    whole = _object(StrategyFile)
    fields = StrategyFile.model_fields
    named = _field("symbols", fields["symbols"])
    names = named["propertyNames"]
    return {
        **whole,
        "title": f"A strategy of the kind {kind}",
        "properties": {
            **{name: _field(name, fields[name]) for name in ("id", "account", "enabled")},
            "kind": {**_field("kind", fields["kind"]), "enum": [kind]},
            "base": {**_told("base", fields["base"]), "$ref": settings},
            "symbols": {
                **_told("symbols", fields["symbols"]),
                "type": "object",
                "propertyNames": names,
                "additionalProperties": {"$ref": settings},
            },
        },
    }


def settings_schema(kind: str) -> Schema:
    """None is required by itself: what a symbol does not give comes from the base, and what neither gives is missing.

    ``x-groups`` is the order in which people meet them.
    """
    model = KINDS[kind].settings
    properties: dict[str, Json] = {}
    for group in GROUPS[kind]:
        for name in group.settings:
            field = model.model_fields[name]
            properties[name] = {**_field(name, field), "x-required": field.is_required()}
    return {
        "title": f"Settings of the {kind} for one symbol",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "x-groups": [
            {"title": group.title, "description": group.says, "settings": list(group.settings)}
            for group in GROUPS[kind]
        ],
    }


def _object(model: type[BaseModel]) -> Schema:
    fields = model.model_fields
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, field in fields.items() if field.is_required()],
        "properties": {name: _field(name, field) for name, field in fields.items()},
    }


def _field(name: str, field: FieldInfo) -> Schema:
    return {**_told(name, field), **_typed(field.annotation, field.metadata), **_default(field)}


def _told(name: str, field: FieldInfo) -> Schema:
    facts = details(field)
    return {
        "title": title_of(name),
        "description": field.description or "",
        "x-unit": facts["unit"] or None,
        "x-allowed": facts["allowed"],
    }


def title_of(name: str) -> str:
    """A field's name in words, without the unit that stands beside it."""
    if name in _TITLES:
        return _TITLES[name]
    bare = next((name.removesuffix(ending) for ending in _UNIT_ENDINGS if name.endswith(ending)), name)
    words = " ".join(_WORDS.get(word, word) for word in bare.split("_"))
    return words[0].upper() + words[1:]


def _default(field: FieldInfo) -> Schema:
    """A model as a default is left out: its own fields have theirs."""
    if field.is_required() or isinstance(field.default, BaseModel):
        return {}
    value = field.default
    if isinstance(value, Decimal):
        return {"default": plain(value)}
    if isinstance(value, dict):  # of models: each written in full
        return {"default": {str(key): one.model_dump(mode="json") for key, one in value.items()}}
    return {"default": as_json(value)}


def _typed(annotation: Any, metadata: Iterable[object]) -> Schema:
    """Raises TypeError for a type that no field had before: a schema that is silent about a bound is a wrong one."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _typed(inner, [*_within(more), *metadata])
    if origin in (Union, UnionType):
        (inner,) = (part for part in get_args(annotation) if part is not NoneType)
        return _or_null(_typed(inner, metadata))
    if origin is Literal:
        return {"type": "string", "enum": list(get_args(annotation))}
    if origin is list:
        return {"type": "array", "items": _typed(get_args(annotation)[0], ()), **_sized(metadata, "Items")}
    if origin is dict:
        names, values = get_args(annotation)
        inside: Json = True if values is object else _typed(values, ())
        return {
            "type": "object",
            "propertyNames": _typed(names, ()),
            "additionalProperties": inside,
            **_sized(metadata, "Properties"),
        }
    if isinstance(annotation, type):
        return _plain(annotation, metadata)
    raise TypeError(f"no schema is known for {annotation}")


def _plain(kind: type, metadata: Iterable[object]) -> Schema:
    if issubclass(kind, BaseModel):
        return _object(kind)
    if issubclass(kind, Enum):
        return {"type": "string", "enum": [str(one.value) for one in kind]}
    if kind is bool:
        return {"type": "boolean"}
    if kind is int:
        return {"type": "integer", **_whole_bounds(metadata)}
    if kind is Decimal:
        return {"type": ["string", "number"], "format": "decimal", "pattern": FIGURE, **_exact_bounds(metadata)}
    if kind is str:
        return {"type": "string", **_pattern(metadata)}
    raise TypeError(f"no schema is known for {kind}")


def _within(more: Iterable[object]) -> list[object]:
    """What a nested annotation says of its own."""
    found: list[object] = []
    for one in more:
        found += one.metadata if isinstance(one, FieldInfo) else [one]
    return found


def _or_null(schema: Schema) -> Schema:
    kinds = schema["type"]
    return {**schema, "type": [*(kinds if isinstance(kinds, list) else [kinds]), "null"]}


def _whole_bounds(metadata: Iterable[object]) -> Schema:
    bounds: Schema = {}
    for one in metadata:
        if isinstance(one, Ge):
            bounds["minimum"] = int(str(one.ge))
        elif isinstance(one, Le):
            bounds["maximum"] = int(str(one.le))
    return bounds


def _exact_bounds(metadata: Iterable[object]) -> Schema:
    bounds: Schema = {}
    for one in metadata:
        if isinstance(one, Ge):
            bounds["x-minimum"] = plain(Decimal(str(one.ge)))
        elif isinstance(one, Gt):
            bounds["x-exclusive-minimum"] = plain(Decimal(str(one.gt)))
        elif isinstance(one, Le):
            bounds["x-maximum"] = plain(Decimal(str(one.le)))
    return bounds


def _sized(metadata: Iterable[object], what: str) -> Schema:
    sizes: Schema = {}
    for one in metadata:
        if isinstance(one, MinLen):
            sizes[f"min{what}"] = one.min_length
        elif isinstance(one, MaxLen):
            sizes[f"max{what}"] = one.max_length
    return sizes


def _pattern(metadata: Iterable[object]) -> Schema:
    for one in metadata:
        pattern = getattr(one, "pattern", None)
        if isinstance(pattern, str):
            return {"pattern": pattern}
    return {}
