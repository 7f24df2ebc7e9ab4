"""What every composition of ``bootstrap`` stands on: settings, AWS, clock, logs, and from them stores and venues.

Adapters are imported where they are put together, as there.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TextIO

from undertow.domain.account import Account
from undertow.domain.ids import AccountId
from undertow.domain.market import Venue
from undertow.domain.outcome import VenueUnreachable
from undertow.ports import (
    AlertLevel,
    Clock,
    DocumentsUnavailable,
    Meter,
    Notifier,
    ParamsSource,
    Repositories,
    TradingVenue,
    Venues,
)
from undertow.settings import Settings

if TYPE_CHECKING:
    from undertow.adapters.aster.connection import AsterConnection
    from undertow.adapters.aster.market_data import AsterMarketData
    from undertow.adapters.aster.tally import WeightTally
    from undertow.adapters.aster.venue import AsterVenue
    from undertow.adapters.dynamo.store import DynamoStore
    from undertow.adapters.notify.routes import OutwardRoutes
    from undertow.adapters.sdk import Aws
    from undertow.adapters.ssm.route_secrets import SsmRouteSecrets
    from undertow.adapters.ssm.secrets import SsmSecrets
    from undertow.observability import Redactor


def service_name() -> str:
    return os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "undertow")


@dataclass(frozen=True, slots=True)
class Ground:
    """Made once for each process."""

    settings: Settings
    aws: "Aws"
    clock: Clock
    meter: Meter
    notifier: Notifier
    redactor: "Redactor"
    tally: "WeightTally"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, log_to: TextIO | None = None) -> "Ground":
        from undertow.adapters.aster.tally import WeightTally
        from undertow.adapters.clock import SystemClock
        from undertow.adapters.notify.log import LogNotifier
        from undertow.adapters.sdk import Aws
        from undertow.observability import EmfMeter, configure_logging

        settings = Settings.from_env(env)
        service = service_name()
        redactor = configure_logging(service, settings.stage, settings.log_level, stream=log_to)
        clock = SystemClock()
        meter = EmfMeter(service, settings.stage, clock, log_to)
        aws = Aws(settings.aws_region, settings.aws_endpoint_url)
        tally = WeightTally(service.removeprefix(f"undertow-{settings.stage}-"))
        return cls(settings, aws, clock, meter, LogNotifier(meter, clock), redactor, tally)

    def reporting(self) -> "Ground":
        """With alerts that people are told of, beside the log that they always stand in."""
        from undertow.adapters.notify.queued import QueuedNotifier

        queue_url = self.settings.notifications_queue_url
        if not queue_url:
            return self
        queued = QueuedNotifier(self.notifier, lambda: self.aws.hasty_sqs, queue_url, self.clock, self.meter)
        return replace(self, notifier=queued)

    def routes(self) -> "OutwardRoutes":
        from undertow.adapters.notify.routes import OutwardRoutes

        return OutwardRoutes(self.route_secrets(), lambda: self.aws.sns, self._topic, self.clock, self.redactor)

    def _topic(self, level: AlertLevel) -> str:
        """Functions are given the topics' names in full; a person's terminal knows the account that it is in."""
        critical = level is AlertLevel.CRITICAL
        given = self.settings.page_topic_arn if critical else self.settings.warn_topic_arn
        return given or self.aws.topic_arn(f"undertow-{self.settings.stage}-{'page' if critical else 'warn'}")

    def route_secrets(self) -> "SsmRouteSecrets":
        from undertow.adapters.ssm.parameters import SsmParameters
        from undertow.adapters.ssm.route_secrets import SsmRouteSecrets

        return SsmRouteSecrets(SsmParameters(self.aws.ssm, self.settings.secrets_key), self.settings.ssm_prefix)

    def store(self) -> "DynamoStore":
        from undertow.adapters.dynamo.store import DynamoStore

        return DynamoStore(self.aws.dynamodb, self.settings.table_prefix)

    def repositories(self) -> Repositories:
        from undertow.adapters.dynamo.wiring import dynamo_repositories

        return dynamo_repositories(self.store(), self.clock)

    def params(self) -> ParamsSource:
        from undertow.adapters.ssm.layout import Paths
        from undertow.adapters.ssm.parameters import SsmParameters
        from undertow.adapters.ssm.source import SsmParamsSource

        paths = Paths(self.settings.ssm_prefix)
        return SsmParamsSource(SsmParameters(self.aws.ssm), paths, self.clock, self.notifier)

    def secrets(self, *, listening: bool = False) -> "SsmSecrets":
        from coincurve import PrivateKey

        from undertow.adapters.aster.signing import address_of
        from undertow.adapters.ssm.parameters import SsmParameters
        from undertow.adapters.ssm.secrets import SsmSecrets

        def address(private_key: str) -> str:
            return address_of(PrivateKey.from_hex(private_key.removeprefix("0x")).public_key)

        parameters = SsmParameters(self.aws.ssm, self.settings.secrets_key)
        return SsmSecrets(parameters, self.settings.ssm_prefix, address, listening)

    def venues(self) -> Venues:
        return AsterVenues(
            self.settings.aster_rest_url, self.secrets(), self.clock, self.params(), self.redactor, self.tally
        )


@dataclass(slots=True)
class AsterVenues:
    """One client per account, and one without credentials for public data. Credentials are read at first use."""

    rest_url: str
    secrets: "SsmSecrets"
    clock: Clock
    params: ParamsSource
    redactor: "Redactor"
    tally: "WeightTally"
    _trading: dict[AccountId, "AsterVenue"] = field(default_factory=dict)
    _public: "AsterConnection | None" = None

    def trading(self, account: Account) -> TradingVenue:
        known = self._trading.get(account.id)
        if known is None:
            from undertow.adapters.aster.venue import AsterVenue

            known = self._trading[account.id] = AsterVenue(account.id, self._connect(account))
        return known

    def market_data(self, venue: Venue) -> "AsterMarketData":
        from undertow.adapters.aster.connection import connect
        from undertow.adapters.aster.market_data import AsterMarketData

        if venue is not Venue.ASTER:
            raise NoSuchVenue(f"{venue.value} is not connected")
        if self._public is None:
            self._public = connect(self.rest_url, None, self.clock.now_ms, tally=self.tally)
        return AsterMarketData(self._public)

    def _connect(self, account: Account) -> "AsterConnection":
        from undertow.adapters.aster.connection import AgentCredentials, connect, read_credentials

        if account.venue is not Venue.ASTER:
            raise NoSuchVenue(f"{account.venue.value} is not connected")
        try:
            stored = self.secrets.get(account.id)
        except DocumentsUnavailable as error:
            # Whoever asks may have an order on record, and has to know that it never left.
            raise VenueUnreachable(f"the credentials of account {account.id} cannot be read: {error}") from error
        if stored is None:
            raise NoCredentials(
                f"account {account.id} has no credentials: store them with `undertow secrets put {account.id}`"
            )
        buffer_pct = self.params.current().globals.rate_limit_buffer_pct
        try:
            credentials = read_credentials(stored)
            signs_with = credentials.agent_key if isinstance(credentials, AgentCredentials) else credentials.secret
            self.redactor.add([signs_with])
            return connect(
                self.rest_url,
                credentials,
                self.clock.now_ms,
                rate_limit_buffer_pct=buffer_pct,
                tally=self.tally,
            )
        except ValueError as malformed:
            # Its text names what is wrong with the secret and never shows a value.
            raise NoCredentials(f"the credentials of account {account.id} cannot be used: {malformed}") from malformed


class NoCredentials(LookupError):
    """An account that trades has no exchange credentials in the store, or none that can be used."""


class NoSuchVenue(LookupError):
    """An account names a venue for which there is no adapter."""
