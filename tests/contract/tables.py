"""The tables of the project, made by their own definitions, on whatever answers."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto import mock_aws

from undertow.adapters.dynamo.tables import TABLES, definition
from undertow.adapters.sdk import Aws

REGION = "eu-west-1"


def create_tables(aws: Aws, prefix: str) -> None:
    for table in TABLES:
        aws.dynamodb.create_table(**definition(table, prefix))


@contextmanager
def tables_in_moto(prefix: str) -> Iterator[Aws]:
    """Empty tables in this process, with credentials that are none."""
    with mock_aws():
        aws = Aws(REGION)
        create_tables(aws, prefix)
        yield aws
