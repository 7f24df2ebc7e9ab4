"""Every code that a problem can carry, with its status and what it says. Codes stay the same; words may change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Meaning:
    """``says`` is for whoever writes a program against the API."""

    status: int
    says: str


CODES: Final[Mapping[str, Meaning]] = {
    "bad_request": Meaning(400, "Something given was not understood; `flaws` names each field and what is allowed."),
    "unauthorized": Meaning(401, "The gateway saw no token, or one that is not valid."),
    "scope_missing": Meaning(403, "The token does not have the scope that the call asks for."),
    "no_such_account": Meaning(404, "No account of that name is configured."),
    "no_such_adjustment": Meaning(404, "No entry of that id is in the books."),
    "no_such_asset": Meaning(404, "The page has no such file: it was built anew since the page was loaded."),
    "no_such_decision": Meaning(404, "No account has a decision of that id: they are kept for 90 days."),
    "no_such_document": Meaning(404, "There is no such strategy or document, and nothing creates one in passing."),
    "no_such_order": Meaning(404, "No account has an order of that id."),
    "no_such_position": Meaning(404, "No account has, or had, a position of that id."),
    "no_such_symbol": Meaning(404, "The venue's trading rules of the symbol are not known."),
    "adjustment_moved": Meaning(409, "Somebody else changed the entry meanwhile."),
    "adjustment_there": Meaning(409, "The same entry is in the books already."),
    "not_reconciled": Meaning(409, "The account is not proven equal to the venue, so it is not switched on."),
    "session_moved": Meaning(409, "Somebody else started afresh meanwhile."),
    "switch_moved": Meaning(409, "Somebody else turned the switch meanwhile."),
    "document_moved": Meaning(412, "Somebody else changed the document meanwhile: fetch it again."),
    "too_large": Meaning(413, "The body is larger than the call takes."),
    "bad_document": Meaning(422, "The document is not admissible; nothing was changed. `flaws` names every reason."),
    "version_missing": Meaning(428, "The header If-Match is missing: say which version was seen."),
    "too_many_requests": Meaning(429, "The gateway's limit on requests a second is reached."),
    "internal_error": Meaning(500, "An error of ours. Nothing is known of what was done."),
    "page_not_built": Meaning(503, "The API was deployed without its page."),
    "parameters_unavailable": Meaning(503, "The parameter store cannot be read."),
    "switch_contended": Meaning(503, "Others turned the switch at the same moment: try again."),
    "venue_silent": Meaning(503, "The venue does not answer."),
}

OF_ALL: Final = ("unauthorized", "scope_missing", "too_many_requests", "internal_error", "parameters_unavailable")
"""What every call that needs a token can answer."""

OF_ROUTE: Final[Mapping[str, tuple[str, ...]]] = {
    "page": ("page_not_built",),
    "asset": ("no_such_asset",),
    "trade": ("no_such_order",),
    "candles": ("no_such_symbol",),
    "decision": ("no_such_decision",),
    "timeline": ("no_such_position",),
    "resume": ("not_reconciled", "switch_moved", "switch_contended"),
    "pause": ("switch_contended",),
    "write_config": ("bad_document", "no_such_document", "document_moved"),
    "write_symbol": ("bad_document", "no_such_document", "document_moved"),
    "add_symbol": ("bad_document", "no_such_document", "document_moved"),
    "remove_symbol": ("bad_document", "no_such_document", "document_moved"),
    "strategy": ("no_such_document",),
    "apply_strategy": ("bad_document", "no_such_document", "document_moved"),
    "restore_strategy": ("bad_document", "no_such_document", "document_moved"),
    "strategy_changes": ("no_such_document",),
    "sync_strategies": ("no_such_document",),
    "preview_draft": ("bad_document", "no_such_document", "no_such_symbol", "venue_silent"),
    "preview_strategy": ("no_such_document", "no_such_symbol", "venue_silent"),
    "start_fresh": ("no_such_document", "session_moved"),
    "add_adjustment": ("adjustment_there",),
    "revoke_adjustment": ("no_such_adjustment", "adjustment_moved"),
}
"""By the name of a route: what its own work can end in, beside what all can and what its fields tell already."""
