"""Wiring from the environment. Read once, frozen; a missing variable is named."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


class MissingSetting(Exception):
    """An environment variable that the function needs is not set. The message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Names and addresses that the template decides. Tuning lives in the Parameter Store, not here."""

    stage: str
    table_prefix: str
    liquidations_queue_url: str
    user_events_queue_url: str
    follow_ups_queue_url: str
    ticks_queue_url: str
    notifications_queue_url: str
    news_queue_url: str
    sockets_url: str
    """Where the gateway takes messages to open sockets."""
    page_topic_arn: str
    warn_topic_arn: str
    aster_rest_url: str
    aster_ws_url: str
    ssm_prefix: str
    log_level: str
    aws_region: str
    aws_endpoint_url: str | None
    """Of an emulator; None on AWS."""

    @property
    def secrets_key(self) -> str:
        """The key that credentials and tokens are encrypted with, by the alias that the template gives it."""
        return f"alias/undertow-{self.stage}"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Queue addresses may be empty in functions that send nothing; what all need must be there.

        Raises MissingSetting.
        """
        variables = os.environ if env is None else env

        def required(name: str) -> str:
            value = variables.get(name, "")
            if not value:
                raise MissingSetting(f"the environment variable {name} is not set")
            return value

        stage = required("UNDERTOW_STAGE")
        return cls(
            stage=stage,
            table_prefix=required("UNDERTOW_TABLE_PREFIX"),
            liquidations_queue_url=variables.get("UNDERTOW_LIQUIDATIONS_QUEUE_URL", ""),
            user_events_queue_url=variables.get("UNDERTOW_USER_EVENTS_QUEUE_URL", ""),
            follow_ups_queue_url=variables.get("UNDERTOW_FOLLOW_UPS_QUEUE_URL", ""),
            ticks_queue_url=variables.get("UNDERTOW_TICKS_QUEUE_URL", ""),
            notifications_queue_url=variables.get("UNDERTOW_NOTIFICATIONS_QUEUE_URL", ""),
            news_queue_url=variables.get("UNDERTOW_NEWS_QUEUE_URL", ""),
            sockets_url=variables.get("UNDERTOW_SOCKETS_URL", ""),
            page_topic_arn=variables.get("UNDERTOW_PAGE_TOPIC_ARN", ""),
            warn_topic_arn=variables.get("UNDERTOW_WARN_TOPIC_ARN", ""),
            aster_rest_url=variables.get("UNDERTOW_ASTER_REST_URL", "https://fapi.asterdex.com"),
            aster_ws_url=variables.get("UNDERTOW_ASTER_WS_URL", "wss://fstream.asterdex.com"),
            ssm_prefix=variables.get("UNDERTOW_SSM_PREFIX", f"/undertow/{stage}"),
            log_level=variables.get("LOG_LEVEL", "INFO"),
            aws_region=required("AWS_REGION"),
            aws_endpoint_url=variables.get("AWS_ENDPOINT_URL") or None,
        )
