"""Tables as CSV (RFC 4180) that a spreadsheet opens as what it is: text and plain numbers, never a formula."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from undertow.domain.json_text import Json, write_json

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_APOSTROPHE: Final = "'"


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Json]], *, heading: bool = True) -> str:
    """Lines end in CR LF. A text that a spreadsheet would run is led by an apostrophe, and so is one that begins with
    an apostrophe itself: whoever takes one leading apostrophe away has the text as it was.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if heading:
        writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(row[column]) for column in columns])
    return out.getvalue()


def cell(value: Json) -> str:
    """None is an empty cell, a structure is its JSON text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else write_json(value)
    if _NUMBER.fullmatch(text):
        return text
    risky = text.startswith((*_STARTS_A_FORMULA, _APOSTROPHE))
    return _APOSTROPHE + text if risky else text
