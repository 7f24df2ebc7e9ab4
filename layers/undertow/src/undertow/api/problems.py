"""What went wrong, for a person and for a program: problem details with a code that stays the same."""

from collections.abc import Sequence
from typing import NotRequired

from typing_extensions import TypedDict

from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import (
    BadDocument,
    DocumentMissing,
    DocumentMoved,
    DocumentsUnavailable,
    Flaw,
    NoParameters,
    StoreBusy,
    TrialNotTaken,
)
from undertow.risk.increases import Increase
from undertow.services.acknowledge_alert import AlertContended, NoAlert
from undertow.services.adjust import AdjustmentMoved, AdjustmentThere, NoAdjustment
from undertow.services.ask_request import NoSuchPosition, RequestProblem
from undertow.services.ask_trial import NoSuchAlertRoute
from undertow.services.configure import RiskGrows
from undertow.services.resume_account import NotProven
from undertow.services.sessions import SessionMoved
from undertow.services.set_switch import SwitchContended, SwitchMoved
from undertow.services.views.decision_detail import UnknownDecision
from undertow.services.views.market import NoInstrument
from undertow.services.views.sources import UnknownAccount
from undertow.services.views.switches import Closing
from undertow.services.views.timeline import UnknownPosition
from undertow.services.views.trades import UnknownOrder


class FlawRow(TypedDict):
    """One thing that is wrong with what was given: which field, what it held, what would be right."""

    field: str
    value: str
    allowed: str


class GrowthRow(TypedDict):
    """A setting that would let more be lost, as it is and as it would be."""

    field: str
    before: str
    after: str


class ProblemBody(TypedDict):
    """Problem details. ``code`` stays the same; ``title`` and ``detail`` are for people and may change.

    Where a confirmation is needed, ``grows`` names what of the settings, ``closing`` what of the positions.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    flaws: list[FlawRow]
    grows: NotRequired[list[GrowthRow]]
    closing: NotRequired[Closing]


class Problem(Exception):
    """An answer that is no success. ``code`` is stable; ``detail`` is for people and may change."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        flaws: Sequence[Flaw] = (),
        *,
        grows: Sequence[Increase] = (),
        closing: Closing | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.flaws = tuple(flaws)
        self.grows = tuple(grows)
        self.closing = closing

    @property
    def body(self) -> ProblemBody:
        body: ProblemBody = {
            "type": f"urn:undertow:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "flaws": [{"field": flaw.field, "value": flaw.value, "allowed": flaw.allowed} for flaw in self.flaws],
        }
        if self.grows:
            body["grows"] = [{"field": one.field, "before": one.before, "after": one.after} for one in self.grows]
        if self.closing is not None:
            body["closing"] = self.closing
        return body


KNOWN_FAILURES = (
    AdjustmentMoved,
    AdjustmentThere,
    AlertContended,
    BadDocument,
    DocumentMissing,
    DocumentMoved,
    DocumentsUnavailable,
    NoAdjustment,
    NoAlert,
    NoInstrument,
    NoParameters,
    NoSuchAlertRoute,
    NotProven,
    RiskGrows,
    RequestProblem,
    SessionMoved,
    StoreBusy,
    SwitchContended,
    SwitchMoved,
    TrialNotTaken,
    UnknownAccount,
    UnknownDecision,
    UnknownOrder,
    UnknownPosition,
    VenueReadFailed,
    VenueUnreachable,
)


def problem_of(error: Exception) -> Problem:
    """The problem that one of KNOWN_FAILURES is."""
    match error:
        case BadDocument():
            return Problem(422, "bad_document", "Not admissible", "Nothing was changed.", error.flaws)
        case DocumentMissing():
            return Problem(404, "no_such_document", "Not there", str(error))
        case DocumentMoved():
            return Problem(412, "document_moved", "Changed meanwhile", str(error))
        case RiskGrows():
            detail = f"{error}. Nothing was changed; say confirm: true"
            return Problem(409, "confirmation_needed", "More could be lost", detail, grows=error.increases)
        case NotProven():
            return Problem(409, "not_reconciled", "Not proven", str(error))
        case AdjustmentThere():
            return Problem(409, "adjustment_there", "Entered already", str(error))
        case AdjustmentMoved():
            return Problem(409, "adjustment_moved", "Changed meanwhile", str(error))
        case NoAdjustment():
            return Problem(404, "no_such_adjustment", "Not there", str(error))
        case NoSuchPosition():
            return Problem(404, error.code, "Not there", str(error))
        case RequestProblem():
            return Problem(409, error.code, "Not taken down", str(error))
        case NoSuchAlertRoute():
            return Problem(404, "no_such_alert_route", "Not there", str(error))
        case TrialNotTaken():
            return Problem(503, "trial_not_taken", "Not every test was taken", str(error))
        case NoAlert():
            return Problem(404, "no_such_alert", "Not open", str(error))
        case StoreBusy():
            return Problem(503, "store_busy", "Try again", "Too many wrote to the same place at the same moment.")
        case AlertContended():
            return Problem(503, "alert_contended", "Try again", "Others wrote of the alert at the same moment.")
        case SessionMoved():
            return Problem(409, "session_moved", "Changed meanwhile", str(error))
        case SwitchMoved():
            return Problem(409, "switch_moved", "Changed meanwhile", str(error))
        case SwitchContended():
            return Problem(503, "switch_contended", "Try again", "Others turned the switch at the same moment.")
        case UnknownAccount():
            return Problem(404, "no_such_account", "Not there", str(error))
        case NoInstrument():
            return Problem(404, "no_such_symbol", "Not there", str(error))
        case VenueReadFailed() | VenueUnreachable():
            return Problem(503, "venue_silent", "The venue does not answer", str(error))
        case UnknownOrder():
            return Problem(404, "no_such_order", "Not there", f"no order {error} was found")
        case UnknownDecision():
            return Problem(404, "no_such_decision", "Not there", f"no decision {error} was found")
        case UnknownPosition():
            return Problem(404, "no_such_position", "Not there", f"no position {error} was found")
        case _:
            return Problem(503, "parameters_unavailable", "Parameters cannot be read", str(error))


def bad_request(flaws: Sequence[Flaw]) -> Problem:
    return Problem(400, "bad_request", "Not understood", "; ".join(str(flaw) for flaw in flaws), flaws)
