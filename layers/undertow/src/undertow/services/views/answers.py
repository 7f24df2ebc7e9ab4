"""Answers of views are written as types, so that what is in each of them is checked and told to whoever reads it."""

from collections.abc import Mapping
from typing import cast

from undertow.domain.json_text import Json


def as_json(answer: Mapping[str, object]) -> Mapping[str, Json]:
    """``answer`` for whoever reads it as JSON. That the types hold nothing but JSON is tested of every one of them."""
    return cast(Mapping[str, Json], answer)
