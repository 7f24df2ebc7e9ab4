"""Clients of the AWS SDK for functions and the command line. Each is made once, and none retries without a bound."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

CONNECT_S: Final = 1.0
READ_S: Final = 3.0
HASTY_S: Final = 0.5
MOST_CONNECTIONS: Final = 16


class Aws:
    """One session of botocore: boto3 adds 50 ms to an import, and nothing that is used here."""

    def __init__(self, region: str, endpoint_url: str | None = None) -> None:
        self._region = region
        self._endpoint_url = endpoint_url
        self._session = botocore.session.Session()

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """Without retries: DynamoStore repeats a request under the same token, and counts what it does."""
        client: DynamoDBClient = self._client("dynamodb", attempts=1)
        return client

    @cached_property
    def sqs(self) -> "SQSClient":
        client: SQSClient = self._client("sqs", attempts=3)
        return client

    @cached_property
    def ssm(self) -> "SSMClient":
        client: SSMClient = self._client("ssm", attempts=3)
        return client

    def sockets(self, endpoint_url: str) -> Any:
        """The gateway's own door to open sockets, at the address of its stage. A page mends what was late."""
        return self._client(
            "apigatewaymanagementapi", attempts=1, connect_s=HASTY_S, read_s=CONNECT_S, endpoint_url=endpoint_url
        )

    @cached_property
    def sns(self) -> Any:
        """Once: what fails comes back with its message."""
        return self._client("sns", attempts=1)

    def topic_arn(self, name: str) -> str:
        """Of a topic in the account and the region that these credentials are for."""
        identity = self._client("sts", attempts=2).get_caller_identity()
        partition = str(identity["Arn"]).split(":")[1]
        return f"arn:{partition}:sns:{self._region}:{identity['Account']}:{name}"

    @cached_property
    def hasty_sqs(self) -> "SQSClient":
        """For what is worth doing only if it takes no time: a second at most, once."""
        client: SQSClient = self._client("sqs", attempts=1, connect_s=HASTY_S, read_s=HASTY_S)
        return client

    def _client(
        self,
        service: str,
        attempts: int,
        connect_s: float = CONNECT_S,
        read_s: float = READ_S,
        endpoint_url: str | None = None,
    ) -> Any:
        return self._session.create_client(
            service,
            region_name=self._region,
            endpoint_url=endpoint_url or self._endpoint_url,
            config=Config(
                connect_timeout=connect_s,
                read_timeout=read_s,
                retries={"mode": "standard", "total_max_attempts": attempts},
                tcp_keepalive=True,
                max_pool_connections=MOST_CONNECTIONS,
            ),
        )
