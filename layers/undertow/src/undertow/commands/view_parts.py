"""How commands read what a view answered: the same JSON that the API sends."""

from collections.abc import Mapping, Sequence

from undertow.domain.json_text import Json

Row = Mapping[str, Json]


def rows_of(value: Json) -> Sequence[Row]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return [row for row in value if isinstance(row, Mapping)]


def part_of(value: Json) -> Row:
    """Empty where there is none."""
    return value if isinstance(value, Mapping) else {}


def ms_of(value: Json) -> int:
    return value if isinstance(value, int) else 0
