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
    "no_such_alert": Meaning(404, "The alert is over, or never was: nothing is left to acknowledge."),
    "no_such_alert_route": Meaning(404, "No alert route of that name is configured, or none at all."),
    "no_such_document": Meaning(404, "There is no such strategy or document, and nothing creates one in passing."),
    "no_such_order": Meaning(404, "No account has an order of that id."),
    "no_such_position": Meaning(404, "No account has, or had, a position of that id."),
    "no_such_route": Meaning(404, "The gateway knows no such address, or not with this method."),
    "no_such_symbol": Meaning(404, "The venue's trading rules of the symbol are not known."),
    "adjustment_moved": Meaning(409, "Somebody else changed the entry meanwhile."),
    "adjustment_there": Meaning(409, "The same entry is in the books already."),
    "in_progress": Meaning(409, "The same request is being carried out at this moment: ask again in a few seconds."),
    "key_reused": Meaning(409, "The Idempotency-Key was sent before with something else."),
    "outcome_unknown": Meaning(409, "The same request was begun before and did not end: look at what it did."),
    "not_reconciled": Meaning(409, "The account is not proven equal to the venue, so it is not switched on."),
    "session_moved": Meaning(409, "Somebody else started afresh meanwhile."),
    "switch_moved": Meaning(409, "Somebody else turned the switch meanwhile."),
    "confirmation_needed": Meaning(
        409, "More could be lost or held than now, as the detail says: send it with `confirm: true`."
    ),
    "position_changed": Meaning(409, "The position that was seen is closed; another one is open there now."),
    "simulated": Meaning(409, "The account only simulates and holds nothing at a venue."),
    "no_instrument": Meaning(409, "The trading rules of the symbol are not known."),
    "too_small": Meaning(409, "The part is smaller than the smallest order of the venue."),
    "watched_only": Meaning(409, "A position that others opened is only watched, as the globals say."),
    "no_mark": Meaning(409, "The mark price is not known, so a stop cannot be judged."),
    "beyond_price": Meaning(409, "The stop would close the position at once."),
    "beyond_reserve": Meaning(
        409, "The stop would be looser than the strategy's own, for which risk is held in reserve."
    ),
    "trailing": Meaning(409, "The strategy trails the stop and would move it back."),
    "nothing_to_change": Meaning(409, "It is so already."),
    "no_ladder": Meaning(409, "The position has no ladder."),
    "document_moved": Meaning(412, "Somebody else changed the document meanwhile: fetch it again."),
    "too_large": Meaning(413, "The body is larger than the call takes."),
    "bad_document": Meaning(422, "The document is not admissible; nothing was changed. `flaws` names every reason."),
    "key_missing": Meaning(428, "The header Idempotency-Key is missing: make one up for each thing to be done."),
    "version_missing": Meaning(428, "The header If-Match is missing: say which version was seen."),
    "too_many_requests": Meaning(429, "The gateway's limit on requests a second is reached."),
    "internal_error": Meaning(500, "An error of ours. Nothing is known of what was done."),
    "page_not_built": Meaning(503, "The API was deployed without its page."),
    "parameters_unavailable": Meaning(503, "The parameter store cannot be read."),
    "alert_contended": Meaning(503, "Others wrote of the alert at the same moment: try again."),
    "store_busy": Meaning(503, "Too many wrote to the same place at the same moment: try again."),
    "switch_contended": Meaning(503, "Others turned the switch at the same moment: try again."),
    "trial_not_taken": Meaning(503, "The queue did not take every test, or did not say so: some may still come."),
    "venue_silent": Meaning(503, "The venue does not answer."),
    "timed_out": Meaning(504, "The gateway waited no longer: send the same again under the same Idempotency-Key."),
}

OF_ALL: Final = (
    "unauthorized",
    "scope_missing",
    "too_many_requests",
    "internal_error",
    "store_busy",
    "parameters_unavailable",
    "timed_out",
)
"""What every call that needs a token can answer."""

_OF_REQUESTS: Final = ("no_such_position", "position_changed", "simulated", "no_instrument", "key_reused")
_OF_STOPS: Final = ("watched_only", "no_mark", "beyond_price", "beyond_reserve")

OF_ROUTE: Final[Mapping[str, tuple[str, ...]]] = {
    "page": ("page_not_built",),
    "asset": ("no_such_asset",),
    "trade": ("no_such_order",),
    "candles": ("no_such_symbol",),
    "decision": ("no_such_decision",),
    "timeline": ("no_such_position",),
    "resume": ("not_reconciled", "switch_moved", "switch_contended"),
    "pause": ("switch_contended",),
    "close_only": ("switch_contended",),
    "flatten": ("confirmation_needed", "switch_contended"),
    "globals": ("no_such_document",),
    "write_config": ("bad_document", "no_such_document", "confirmation_needed"),
    "write_symbol": ("bad_document", "no_such_document", "confirmation_needed"),
    "add_symbol": ("bad_document", "no_such_document", "confirmation_needed"),
    "remove_symbol": ("bad_document", "no_such_document", "document_moved"),
    "strategy": ("no_such_document",),
    "apply_strategy": ("bad_document", "no_such_document", "confirmation_needed"),
    "restore_strategy": ("bad_document", "no_such_document", "confirmation_needed"),
    "strategy_changes": ("no_such_document",),
    "sync_strategies": ("no_such_document",),
    "preview_draft": ("bad_document", "no_such_document", "no_such_symbol", "venue_silent"),
    "preview_strategy": ("no_such_document", "no_such_symbol", "venue_silent"),
    "close_position": (*_OF_REQUESTS, "too_small"),
    "move_stop": (*_OF_REQUESTS, *_OF_STOPS, "confirmation_needed", "trailing"),
    "break_even": (*_OF_REQUESTS, *_OF_STOPS, "nothing_to_change"),
    "hold_layers": (*_OF_REQUESTS, "no_ladder", "nothing_to_change", "confirmation_needed"),
    "start_fresh": ("no_such_document", "session_moved"),
    "test_routes": ("no_such_alert_route", "trial_not_taken"),
    "acknowledge_alert": ("no_such_alert", "alert_contended"),
    "add_adjustment": ("adjustment_there",),
    "revoke_adjustment": ("no_such_adjustment", "adjustment_moved"),
}
"""By the name of a route: what its own work can end in, beside what all can and what its fields tell already."""
