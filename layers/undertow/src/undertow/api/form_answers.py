"""What a form for strategies asks: which settings there are, and what a draft that nobody stored would do."""

from collections.abc import Mapping
from typing import Final

from typing_extensions import TypedDict

from undertow.adapters.ssm.schema import globals_schema, kind_schemas
from undertow.api.call import Answer, Call
from undertow.domain.ids import Symbol
from undertow.domain.json_text import write_json
from undertow.domain.market import PositionSide
from undertow.services.console import Console
from undertow.services.views.preview import HunterPreview, LadderPreview, preview_draft


class DocumentSchemas(TypedDict):
    """JSON Schema: ``strategies`` by kind, ``globals`` for the stage."""

    strategies: Mapping[str, Mapping[str, object]]
    globals: Mapping[str, object]


def _schema(_console: Console, call: Call) -> DocumentSchemas:
    """What the documents may say, as the API itself checks it; a few rules between fields are checked besides.

    A figure is a text or a number, with its bounds as texts in x-minimum, x-exclusive-minimum and x-maximum. Each field
    has its unit in x-unit, null where it has none. x-required marks what every symbol needs, by itself or by the base.
    """
    call.given.done()
    return {"strategies": kind_schemas(), "globals": globals_schema()}


def _preview_draft(console: Console, call: Call) -> HunterPreview | LadderPreview:
    """What a document would do now, on live prices and on the worst recorded day. Nothing is stored or placed."""
    given = call.given
    symbol = given.symbol(required=True)
    side = given.choice("side", PositionSide) or PositionSide.LONG
    document = given.settings("document", "StrategyDocument")
    if document is None:
        given.complain("document", "a whole strategy as an object")
    given.done()
    return preview_draft(console.sources, write_json(document or {}), Symbol(str(symbol)), side)


ANSWERS: Final[Mapping[str, Answer]] = {
    "strategy_schema": _schema,
    "preview_draft": _preview_draft,
}
