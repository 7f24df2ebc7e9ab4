"""Parts of the API's document that are the same for many routes."""

from typing import Final

from undertow.adapters.ssm.schema import components
from undertow.api.sketch import FIGURE, PLACE, Schema
from undertow.domain.json_text import Json

DESCRIPTION: Final = """\
Figures are decimal texts, never JSON floats. Times are whole epoch milliseconds UTC and end in `_ms`, percentages are
whole percents and end in `_pct`, amounts are in quote units. What is not known is null: no gap is filled with a guess.

A list answers with `next_cursor`: give it back as `cursor`, with the same other fields, for the page after; null ends.
A list without `cursor` among its parameters is whole each time: it is bounded by what is configured.

Errors are problem details (RFC 9457) with a `code` that stays the same; `x-codes` lists all of them.
"""

IDEMPOTENCY_KEY: Final[dict[str, Json]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "a key that the sender makes up for each thing to be done: sent again with the same, the first answer is given "
        "again (with the header `Idempotency-Replayed: true`), and nothing is done twice. Kept for 14 days"
    ),
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"},
}

IF_MATCH: Final[Json] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "the version that was seen, as the ETag of an earlier answer has it; 0 for what is not there yet",
    "schema": {"type": "string", "pattern": r'^(W/)?"?[0-9]{1,9}"?$'},
}

LAST_EVENT_ID: Final[Json] = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "the id of the last event that was received, which outranks `after`",
    "schema": {"type": "string", "pattern": "^[0-9]{1,15}$"},
}

HEADERS: Final[dict[str, Json]] = {
    "ETag": {
        "description": "the version of the document, for the If-Match of the next change",
        "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    },
    "X-Next-Cursor": {
        "description": "of a page of CSV: the cursor of the next page; without it there is none",
        "schema": {"type": "string"},
    },
}

COMPONENTS: Final[dict[str, Schema]] = {
    **components(),
    "StrategyDocument": {"anyOf": [{"$ref": f"{PLACE}HunterDocument"}, {"$ref": f"{PLACE}LadderDocument"}]},
    "SymbolSettings": {"anyOf": [{"$ref": f"{PLACE}HunterSettings"}, {"$ref": f"{PLACE}LadderSettings"}]},
    "Figure": {"type": "string", "pattern": FIGURE.replace("{1,15}", "{1,30}").replace("{1,12}", "{1,38}")},
    "EpochMs": {"type": "integer", "minimum": 0},
}


def with_fields(document: Schema, fields: dict[str, Json]) -> Schema:
    """A document of COMPONENTS that may have ``fields`` beside its own."""
    reference = str(document.get("$ref", "")).removeprefix(PLACE)
    if not fields or not reference:
        return document
    members = COMPONENTS[reference].get("anyOf")
    if isinstance(members, list):
        return {"anyOf": [with_fields(member, fields) for member in members]}
    properties = COMPONENTS[reference]["properties"]
    if not isinstance(properties, dict):
        raise TypeError(f"{reference} names no fields")
    return {**COMPONENTS[reference], "properties": {**properties, **fields}}
