from __future__ import annotations

import json
from typing import Any

from undertow.adapters.dynamo.tables import STREAM_VIEW, TABLES, definition

Resources = dict[str, dict[str, Any]]

FADING = {"liquidations", "decisions", "dedup", "connections"}
PERMANENT = {
    "orders", "fills", "positions", "reservations", "trade_sessions", "income", "balances", "instruments", "control",
    "audit", "alerts",
}  # fmt: skip


def table_name(resource: dict[str, Any]) -> str:
    return str(resource["Properties"]["TableName"]["Fn::Sub"]).removeprefix("${TablePrefix}")


def test_there_is_one_table_for_each_aggregate_of_the_design(tables: Resources) -> None:
    assert {table_name(table) for table in tables.values()} == FADING | PERMANENT


def test_only_four_tables_ever_lose_a_row(tables: Resources) -> None:
    fading = {table_name(table) for table in tables.values() if "TimeToLiveSpecification" in table["Properties"]}
    assert fading == FADING
    for table in tables.values():
        if table_name(table) in FADING:
            assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "expires_at_s", "Enabled": True}


def test_every_table_outlives_its_stack_and_can_be_restored_to_any_second(tables: Resources) -> None:
    for name, table in tables.items():
        assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain", name
        assert table["Properties"]["DeletionProtectionEnabled"] is True, name
        assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name


def test_deleting_the_stack_leaves_the_storage_stack_standing(template: dict[str, Any]) -> None:
    storage = template["Resources"]["Storage"]
    assert storage["DeletionPolicy"] == storage["UpdateReplacePolicy"] == "Retain"


def test_the_key_of_the_secrets_outlives_its_stack_and_rotates(nested: dict[str, dict[str, Any]]) -> None:
    key = nested["storage"]["Resources"]["SecretsKey"]
    assert key["DeletionPolicy"] == key["UpdateReplacePolicy"] == "Retain"
    assert key["Properties"]["EnableKeyRotation"] is True


def test_the_tables_are_the_ones_that_the_records_are_written_to(tables: Resources) -> None:
    """`undertow.adapters.dynamo.tables` says which tables and indexes the code uses."""
    deployed = {table_name(table): table["Properties"] for table in tables.values()}
    assert set(deployed) == {table.name for table in TABLES}
    for table in TABLES:
        wanted = definition(table, "")
        for part in ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"):
            assert deployed[table.name].get(part) == wanted.get(part), (table.name, part)
        streamed = deployed[table.name].get("StreamSpecification")
        assert streamed == ({"StreamViewType": STREAM_VIEW} if table.streamed else None), table.name
        assert ("TimeToLiveSpecification" in deployed[table.name]) == (table.ttl_days is not None), table.name


def test_nested_stacks_write_their_arns_out(nested: dict[str, dict[str, Any]]) -> None:
    """ministack 1.5.33 forgets the attributes of an unchanged resource when it updates a nested stack."""
    resources = {name: stack["Resources"] for name, stack in nested.items()}
    assert "Fn::GetAtt" not in json.dumps(resources)
    outputs = [one["Value"] for stack in nested.values() for one in stack.get("Outputs", {}).values()]
    # A stream's name holds the moment at which it was made: nobody can write it out. A table tells it again each time.
    assert {one["Fn::GetAtt"][1] for one in outputs if "Fn::GetAtt" in one} <= {"StreamArn"}
