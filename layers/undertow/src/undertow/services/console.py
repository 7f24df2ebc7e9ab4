"""What a person may look at and do, whether from the page or from a terminal."""

from dataclasses import dataclass

from undertow.ports import RouteSecrets, Secrets, TokenList, Tokens
from undertow.services.adjust import Adjust
from undertow.services.ask_request import AskRequest
from undertow.services.ask_trial import AskTrial
from undertow.services.configure import Configure
from undertow.services.keep_contacts import KeepContacts
from undertow.services.resume_account import ResumeAccount
from undertow.services.sessions import TradeSessions
from undertow.services.set_switch import SetSwitch
from undertow.services.try_routes import TryRoutes
from undertow.services.views.sources import Sources


@dataclass(frozen=True, slots=True)
class Console:
    sources: Sources
    configure: Configure
    set_switch: SetSwitch
    resume: ResumeAccount
    sessions: TradeSessions
    adjust: Adjust
    ask: AskRequest
    ask_trial: AskTrial
    tokens: TokenList
    keep_contacts: KeepContacts


@dataclass(frozen=True, slots=True)
class Operator:
    """What only the owner does, at a terminal with credentials for the AWS account."""

    console: Console
    tokens: Tokens
    secrets: Secrets
    stream_secrets: Secrets
    route_secrets: RouteSecrets
    try_routes: TryRoutes
