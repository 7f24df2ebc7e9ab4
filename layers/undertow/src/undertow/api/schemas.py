"""The shapes of answers as JSON Schema, read from the types that the views are written in."""

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from undertow.api.call import Download, EventStream
from undertow.api.sketch import PLACE, Schema
from undertow.domain.json_text import Json

_WRITTEN: Final[JsonSchemaMode] = "serialization"
_DROPPED: Final = frozenset({"title"})


def answer_type(answer: Callable[..., object]) -> object:
    """What JSON ``answer`` gives; None where its shape is not said."""
    members = [
        one for one in _members(answer) if one not in (Download, EventStream) and get_origin(one) not in (dict, Mapping)
    ]
    return Union[tuple(members)] if members else None  # noqa: UP007 - the members are known at run time only


def gives_file(answer: Callable[..., object]) -> bool:
    """Whether ``answer`` may give a file instead."""
    return Download in _members(answer)


def gives_events(answer: Callable[..., object]) -> bool:
    """Whether ``answer`` gives server-sent events."""
    return EventStream in _members(answer)


def _members(answer: Callable[..., object]) -> tuple[object, ...]:
    told = get_type_hints(answer)["return"]
    return get_args(told) if get_origin(told) in (Union, UnionType) else (told,)


def read_types(types: Mapping[str, object]) -> tuple[Mapping[str, Schema], Schema]:
    """The schema of each type by its name, and the components that they refer to."""
    inputs: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (name, _WRITTEN, _adapter(told)) for name, told in types.items()
    ]
    found, together = TypeAdapter.json_schemas(inputs, ref_template=PLACE + "{model}")
    components = cast(Schema, together.get("$defs", {}))
    own = {name: cast(Schema, closed(cast(Json, schema))) for (name, _), schema in found.items()}
    return own, {name: closed(schema) for name, schema in components.items()}


def _adapter(told: Any) -> TypeAdapter[Any]:
    return TypeAdapter(told)


def closed(schema: Json) -> Json:
    """Without titles, and with every object that names its fields having no others."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: one if name == "enum" else closed(one) for name, one in schema.items() if not _is_title(name, one)}
    if isinstance(found.get("properties"), dict) and "type" in found:
        found.setdefault("additionalProperties", False)
    return found


def _is_title(name: str, value: Json) -> bool:
    """A field may be called title too: then it is a schema, and no text."""
    return name in _DROPPED and isinstance(value, str)
