"""What pydantic found, in everyday words: the field, the value, and what would be right."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from types import UnionType
from typing import Any, Final, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from undertow.adapters.ssm.fields import as_json, details
from undertow.domain.json_text import write_json
from undertow.domain.numbers import plain
from undertow.ports import BadDocument, Flaw

LONGEST_SHOWN: Final = 80

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], value: object) -> Model:
    """``value`` as ``model``. Raises BadDocument with every flaw."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise BadDocument([flaw_of(model, value, found) for found in error.errors(include_url=False)]) from error


def flaws_in(model: type[BaseModel], value: object) -> Iterator[tuple[str, Flaw]]:
    """Each flaw of ``value`` with the kind of error it is, as pydantic names it."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            yield found["type"], flaw_of(model, value, found)


def flaw_of(model: type[BaseModel], document: object, found: ErrorDetails) -> Flaw:
    path = [str(step) for step in found["loc"] if step != "[key]"]
    field = ".".join(path) or "document"
    if found["type"] == "extra_forbidden":
        return Flaw(field, "there is no such field", _known_fields(model, path))
    allowed = _allowed(model, path)
    if found["type"] == "missing":
        return Flaw(field, "it is missing", allowed)
    return Flaw(field, shown(_given(document, found)), allowed or found["msg"])


def _given(document: object, found: ErrorDetails) -> object:
    """The value as the document has it: on the way to its check it may have become a Decimal already."""
    here: Any = document
    for step in found["loc"]:
        holds = step in here if isinstance(here, Mapping) else isinstance(here, list) and isinstance(step, int)
        if not holds:
            return found["input"]
        here = here[step]
    return here


def shown(value: object) -> str:
    """The value as it stood in the document, shortened."""
    text = plain(value) if isinstance(value, Decimal) else write_json(as_json(value))
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."


def _known_fields(model: type[BaseModel], path: list[str]) -> str:
    owner = _model_at(model, path[:-1])
    if owner is None:
        return ""
    near = get_close_matches(path[-1], owner.model_fields, n=1)
    return f"did you mean {near[0]}?" if near else "one of " + ", ".join(owner.model_fields)


def _allowed(model: type[BaseModel], path: list[str]) -> str:
    """What the field at ``path`` admits; inside a mapping or list without fields of its own, what the whole admits."""
    for length in range(len(path), 0, -1):
        field = _field_at(model, path[:length])
        if field is not None:
            facts = details(field)
            return f"{facts['allowed']} ({facts['unit']})" if facts["unit"] else facts["allowed"]
    return ""


def _field_at(model: type[BaseModel], path: list[str]) -> FieldInfo | None:
    owner = _model_at(model, path[:-1])
    return owner.model_fields.get(path[-1]) if owner is not None else None


def _model_at(model: type[BaseModel], path: list[str]) -> type[BaseModel] | None:
    """The model that holds the fields below ``path``; a key of a mapping leads to the mapping's values."""
    here: object = model
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(step)
            here = field.annotation if field is not None else None
        elif get_origin(here) is dict:
            here = get_args(here)[1]
        else:
            return None
        if isinstance(here, UnionType):
            here = get_args(here)[0]
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None
