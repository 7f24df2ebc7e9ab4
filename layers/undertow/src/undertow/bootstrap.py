"""The composition root: the one place that knows every concrete class. Importing it does nothing.

Adapters are imported where they are put together, so that a function starts with what it uses and nothing else: the
authoriser needs no exchange client, and tests and replays over memory need no AWS.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from undertow.adapters.shared_blocks import BlockSharingVenues
from undertow.desk import Desk, Outside, assemble
from undertow.ground import Ground, service_name
from undertow.ports import (
    Notifier,
    Redelivery,
    Tokens,
)
from undertow.settings import MissingSetting, Settings

if TYPE_CHECKING:
    from undertow.services.callers import Callers
    from undertow.services.check_books import CheckBooks
    from undertow.services.check_heartbeats import CheckHeartbeats
    from undertow.services.console import Console, Operator
    from undertow.services.feed.live import Live
    from undertow.services.feed.record import RecordNews
    from undertow.services.switchboard import Switchboard


def desk_from_env() -> Desk:
    """The desk of a function that trades."""
    from undertow.adapters.sqs.follow_ups import SqsFollowUps

    ground = Ground.from_env().reporting()
    if not ground.settings.follow_ups_queue_url:
        raise MissingSetting("the environment variable UNDERTOW_FOLLOW_UPS_QUEUE_URL is not set")
    return assemble(
        Outside(
            repositories=ground.repositories(),
            params=ground.params(),
            venues=ground.venues(),
            follow_ups=SqsFollowUps(ground.aws.sqs, ground.settings.follow_ups_queue_url),
            notifier=ground.notifier,
            meter=ground.meter,
            clock=ground.clock,
            tally=ground.tally,
        )
    )


def switchboard_from_env() -> "Switchboard":
    """Keeps reports of conditions, tells people of them, and tries the routes by which it does."""
    from undertow.services.carry_out_trial import CarryOutTrial
    from undertow.services.switchboard import Switchboard
    from undertow.services.tell_alert import TellAlert
    from undertow.services.try_routes import TryRoutes

    ground = Ground.from_env()
    alerts, params, routes, clock = ground.repositories().alerts, ground.params(), ground.routes(), ground.clock
    tell = TellAlert(alerts, params, routes, ground.settings.stage, clock, ground.meter)
    try_routes = TryRoutes(params, routes, ground.settings.stage, clock)
    return Switchboard(tell, CarryOutTrial(alerts, try_routes, tell, clock))


def check_heartbeats_from_env() -> "CheckHeartbeats":
    """Looks once a minute whether everything else still runs. It holds no exchange credentials."""
    from undertow.adapters.sqs.dead_letters import SqsDeadLetters
    from undertow.services.check_heartbeats import CheckHeartbeats
    from undertow.services.end_alerts import EndAlerts

    ground = Ground.from_env().reporting()
    settings, kept = ground.settings, ground.repositories()
    queues = (
        settings.liquidations_queue_url,
        settings.user_events_queue_url,
        settings.follow_ups_queue_url,
        settings.ticks_queue_url,
        settings.notifications_queue_url,
    )
    return CheckHeartbeats(
        kept,
        ground.params(),
        SqsDeadLetters(lambda: ground.aws.sqs, queues),
        ground.routes(),
        EndAlerts(kept, ground.notifier, ground.clock),
        ground.notifier,
        ground.clock,
        ground.meter,
    )


def check_books_from_env() -> "CheckBooks":
    """Looks once an hour whether the records explain the wallets. It holds no exchange credentials."""
    from undertow.services.check_books import CheckBooks

    ground = Ground.from_env().reporting()
    return CheckBooks(ground.repositories(), ground.params(), ground.notifier, ground.meter)


def console_from_env() -> "Console":
    """What people see and do: the tables, the parameters and public prices. It holds no exchange credentials."""
    return _console(Ground.from_env())


def operator_from_env(env: Mapping[str, str], notifier: Notifier) -> "Operator":
    """What the owner does at a terminal. Logs go to standard error: standard output is the command's answer."""
    from undertow.adapters.ssm.parameters import SsmParameters
    from undertow.adapters.ssm.tokens import SsmTokens
    from undertow.services.console import Operator
    from undertow.services.try_routes import TryRoutes

    ground = replace(Ground.from_env(env, log_to=sys.stderr), notifier=notifier)
    settings = ground.settings
    tokens = SsmTokens(SsmParameters(ground.aws.ssm, settings.secrets_key), settings.ssm_prefix, ground.clock)
    try_routes = TryRoutes(ground.params(), ground.routes(), settings.stage, ground.clock)
    return Operator(
        _console(ground), tokens, ground.secrets(), ground.secrets(listening=True), ground.route_secrets(), try_routes
    )


def _console(ground: Ground) -> "Console":
    from undertow.adapters.sqs.trials import SqsRouteTrials
    from undertow.adapters.ssm.layout import Paths
    from undertow.adapters.ssm.parameters import SsmParameters
    from undertow.adapters.ssm.store import SsmDocuments
    from undertow.adapters.ssm.tokens import SsmTokens
    from undertow.services.adjust import Adjust
    from undertow.services.ask_request import AskRequest
    from undertow.services.ask_trial import AskTrial
    from undertow.services.configure import Configure
    from undertow.services.console import Console
    from undertow.services.keep_contacts import KeepContacts
    from undertow.services.read_request import ReadRequest
    from undertow.services.resume_account import ResumeAccount
    from undertow.services.sessions import TradeSessions
    from undertow.services.set_switch import SetSwitch
    from undertow.services.views.marks import Marks
    from undertow.services.views.past_candles import PastCandles
    from undertow.services.views.sources import Sources

    kept = ground.repositories()
    documents = SsmDocuments(SsmParameters(ground.aws.ssm), Paths(ground.settings.ssm_prefix))
    clock = ground.clock
    venues = BlockSharingVenues(ground.venues(), kept.healths, clock, tells=False)
    sources = Sources(kept, ground.params(), documents, Marks(venues, clock), clock, PastCandles(venues, clock))
    set_switch = SetSwitch(kept.controls, kept.audit, ground.clock)
    sessions = TradeSessions(kept.sessions, documents, kept.audit, ground.clock)
    return Console(
        sources,
        Configure(documents, kept.instruments, kept.audit, ground.clock, sessions),
        set_switch,
        ResumeAccount(set_switch, kept.guards, ground.clock),
        sessions,
        Adjust(kept.adjustments, kept.audit, ground.clock),
        AskRequest(
            kept.ledger,
            kept.requests,
            ReadRequest(kept.instruments, sources.params),
            sources.marks,
            kept.audit,
            ground.clock,
        ),
        AskTrial(
            sources.params,
            SqsRouteTrials(lambda: ground.aws.sqs, ground.settings.notifications_queue_url),
            kept.audit,
            ground.clock,
        ),
        SsmTokens(SsmParameters(ground.aws.ssm), ground.settings.ssm_prefix, ground.clock),
        KeepContacts(ground.tally, kept.contacts, clock),
    )


def tokens_from_env() -> Tokens:
    """The access tokens, and nothing else."""
    from undertow.adapters.ssm.parameters import SsmParameters
    from undertow.adapters.ssm.tokens import SsmTokens

    ground = Ground.from_env()
    return SsmTokens(SsmParameters(ground.aws.ssm), ground.settings.ssm_prefix, ground.clock)


def callers_from_env() -> "Callers":
    """Who may call the API: holders of our tokens, and people of a user pool where the template names one."""
    from undertow.services.callers import Callers

    tokens, arn = tokens_from_env(), os.environ.get("UNDERTOW_COGNITO_USER_POOL_ARN", "")
    if not arn:
        return Callers(tokens, None)
    from undertow.adapters.clock import SystemClock
    from undertow.adapters.cognito.keys import fetch_keys
    from undertow.adapters.cognito.people import Pool, PoolPeople

    stage = os.environ.get("UNDERTOW_STAGE", "")
    client = os.environ.get("UNDERTOW_COGNITO_CLIENT_ID", "")
    if not client:
        raise MissingSetting("the environment variable UNDERTOW_COGNITO_CLIENT_ID is not set, and there is a user pool")
    return Callers(tokens, PoolPeople(Pool.of(arn, client, stage), fetch_keys, SystemClock()))


def record_news_from_env() -> "tuple[RecordNews, str]":
    """Makes news of rows that were written. With it comes what the tables' names begin with."""
    from undertow.adapters.sqs.news import SqsHeralds
    from undertow.adapters.ssm.layout import Paths
    from undertow.adapters.ssm.parameters import SsmParameters
    from undertow.adapters.ssm.store import SsmDocuments
    from undertow.services.feed.describe import Describe
    from undertow.services.feed.record import RecordNews
    from undertow.services.views.marks import Marks
    from undertow.services.views.past_candles import PastCandles
    from undertow.services.views.sources import Sources

    ground = Ground.from_env()
    settings, kept, clock = ground.settings, ground.repositories(), ground.clock
    venues = BlockSharingVenues(ground.venues(), kept.healths, clock, tells=False)
    if not settings.news_queue_url:
        raise MissingSetting("the environment variable UNDERTOW_NEWS_QUEUE_URL is not set")
    documents = SsmDocuments(SsmParameters(ground.aws.ssm), Paths(settings.ssm_prefix))
    sources = Sources(kept, ground.params(), documents, Marks(venues, clock), clock, PastCandles(venues, clock))
    heralds = SqsHeralds(ground.aws.sqs, settings.news_queue_url)
    return RecordNews(kept.feed, heralds, Describe(sources), clock, ground.meter), settings.table_prefix


def live_from_env() -> "Live":
    """Serves open sockets. It knows tokens and news, and none of the tables that the news is about."""
    from undertow.adapters.sockets import GatewaySockets
    from undertow.services.feed.listen import Listen
    from undertow.services.feed.live import Live
    from undertow.services.feed.push import PushNews

    ground = Ground.from_env()
    address, kept = ground.settings.sockets_url, ground.repositories()
    if not address:
        raise MissingSetting("the environment variable UNDERTOW_SOCKETS_URL is not set")
    client = ground.aws.sockets(address)
    sockets = GatewaySockets(lambda: client)
    listen = Listen(kept.feed, kept.connections, sockets, tokens_from_env(), ground.clock)
    return Live(listen, PushNews(kept.feed, kept.connections, sockets, ground.clock, time.sleep))


def user_events_redelivery_from_env() -> Redelivery:
    return _redelivery("UNDERTOW_USER_EVENTS_QUEUE_URL", lambda settings: settings.user_events_queue_url)


def follow_ups_redelivery_from_env() -> Redelivery:
    return _redelivery("UNDERTOW_FOLLOW_UPS_QUEUE_URL", lambda settings: settings.follow_ups_queue_url)


def notifications_redelivery_from_env() -> Redelivery:
    return _redelivery("UNDERTOW_NOTIFICATIONS_QUEUE_URL", lambda settings: settings.notifications_queue_url)


def _redelivery(name: str, queue_url_of: Callable[[Settings], str]) -> Redelivery:
    """Beside a desk: the logging that the desk has set up, with the secrets that it learned, stays as it is."""
    from undertow.adapters.clock import SystemClock
    from undertow.adapters.sdk import Aws
    from undertow.adapters.sqs.redelivery import SqsRedelivery
    from undertow.observability import EmfMeter

    settings = Settings.from_env()
    queue_url = queue_url_of(settings)
    if not queue_url:
        raise MissingSetting(f"the environment variable {name} is not set")
    meter = EmfMeter(service_name(), settings.stage, SystemClock())
    return SqsRedelivery(Aws(settings.aws_region, settings.aws_endpoint_url).hasty_sqs, queue_url, meter)
