from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

Resources = dict[str, dict[str, Any]]
Stacks = dict[str, dict[str, Any]]

PROJECT = Path(__file__).resolve().parents[2]
PERMANENT = {
    "orders", "fills", "positions", "reservations", "trade_sessions", "income", "balances", "instruments", "control",
    "audit", "alerts",
}  # fmt: skip
REMOVING = {"dynamodb:DeleteItem", "dynamodb:PartiQLDelete", "dynamodb:BatchWriteItem"}
SIGNING = {
    "EvaluateLiquidations", "TrackAccount", "FollowUpOrders", "WatchAccount", "Reconcile", "ManagePositions",
    "SyncInstruments", "ImportHistory", "CarryOutRequests",
}  # fmt: skip


def on_aws(value: Any) -> Any:
    """Of `!If [IsLocal, ..., ...]` what holds on AWS."""
    if isinstance(value, dict) and "Fn::If" in value:
        condition, _, elsewhere = value["Fn::If"]
        assert condition == "IsLocal"
        return elsewhere
    return value


def as_list(value: Any) -> list[Any]:
    chosen = on_aws(value)
    return chosen if isinstance(chosen, list) else [chosen]


def resources_of(statement: dict[str, Any]) -> list[str]:
    return [r["Fn::Sub"] if isinstance(r, dict) and "Fn::Sub" in r else str(r) for r in as_list(statement["Resource"])]


def statements(stacks: Stacks) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every role and managed policy, with the name of what holds it."""
    for stack in stacks.values():
        for name, resource in stack["Resources"].items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::IAM::ManagedPolicy":
                documents = [properties["PolicyDocument"]]
            elif resource["Type"] == "AWS::IAM::Role":
                documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
            else:
                documents = []
            for document in documents:
                for statement in document["Statement"]:
                    yield name, statement


def roles(stacks: Stacks) -> Resources:
    return {
        name: resource
        for stack in stacks.values()
        for name, resource in stack["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    }


def policies_of(role: dict[str, Any]) -> set[str]:
    return {policy["Ref"].removesuffix("PolicyArn") for policy in role["Properties"].get("ManagedPolicyArns", [])}


def test_no_statement_allows_a_wildcard_action(stacks: Stacks) -> None:
    for name, statement in statements(stacks):
        assert not any("*" in action for action in as_list(statement["Action"])), name


def test_only_the_call_that_knows_no_resource_is_allowed_on_everything(stacks: Stacks) -> None:
    wide = {
        action
        for _, statement in statements(stacks)
        if statement["Effect"] == "Allow" and "*" in resources_of(statement)
        for action in as_list(statement["Action"])
    }
    assert wide == {"ecr:GetAuthorizationToken"}


def test_nobody_is_allowed_to_remove_a_row_of_a_permanent_table(stacks: Stacks) -> None:
    for name, statement in statements(stacks):
        if statement["Effect"] == "Allow" and REMOVING & set(as_list(statement["Action"])):
            tables = {resource.rsplit("}", 1)[-1] for resource in resources_of(statement)}
            assert tables, name
            assert not tables & PERMANENT, name
            assert "*" not in "".join(tables), name


def test_removing_rows_of_permanent_tables_is_denied_in_words(nested: Stacks) -> None:
    denying, altering = nested["permissions"]["Resources"]["PermanentTables"]["Properties"]["PolicyDocument"][
        "Statement"
    ]
    assert denying["Effect"] == altering["Effect"] == "Deny"
    assert set(denying["Action"]) == REMOVING
    assert {resource.rsplit("}", 1)[-1] for resource in resources_of(denying)} == PERMANENT
    assert {"dynamodb:DeleteTable", "dynamodb:UpdateTable"} <= set(altering["Action"])


def test_every_role_that_touches_tables_carries_the_denial(stacks: Stacks) -> None:
    for name, role in roles(stacks).items():
        if name != "ExecutionRole":
            assert "PermanentTables" in policies_of(role), name


def test_only_functions_that_sign_read_a_venue_key(stacks: Stacks) -> None:
    signing = {name.removesuffix("Role") for name, role in roles(stacks).items() if "SignForVenue" in policies_of(role)}
    assert signing == SIGNING
    readers = {
        name
        for name, statement in statements(stacks)
        if statement["Effect"] == "Allow" and any("/secrets/" in resource for resource in resources_of(statement))
    }
    assert readers == {"SignForVenue"}


def test_a_venue_key_is_decrypted_through_the_parameter_store_only(stacks: Stacks) -> None:
    decrypting = [s for _, s in statements(stacks) if "kms:Decrypt" in as_list(s["Action"])]
    assert decrypting
    for statement in decrypting:
        assert statement["Condition"]["StringEquals"]["kms:ViaService"] == {
            "Fn::Sub": "ssm.${AWS::Region}.amazonaws.com"
        }
        assert "kms:EncryptionContext:PARAMETER_ARN" in statement["Condition"]["StringLike"]


@pytest.mark.parametrize("role", ["ApiRole", "AuthorizerRole"])
def test_the_dashboard_can_neither_send_messages_nor_read_venue_keys(role: str, stacks: Stacks) -> None:
    assert not policies_of(roles(stacks)[role]) & {"SignForVenue", "AskAgainLater", "KeepTradingState"}
    for name, statement in statements(stacks):
        if name == role:
            assert not any(action.startswith("sqs:") for action in as_list(statement["Action"]))


def test_the_worker_writes_only_what_it_saw_and_its_heartbeat(stacks: Stacks) -> None:
    written = {
        resource.rsplit("}", 1)[-1]
        for name, statement in statements(stacks)
        if name == "TaskRole" and {"dynamodb:PutItem", "dynamodb:UpdateItem"} & set(as_list(statement["Action"]))
        for resource in resources_of(statement)
    }
    assert written == {"liquidations", "control"}


def test_whoever_places_orders_may_keep_the_rules_of_a_symbol_and_whoever_only_looks_may_not(stacks: Stacks) -> None:
    """An order refused by a rule has it read anew; a denial there would end the look at a position without a stop."""
    keeping = {
        name
        for name, statement in statements(stacks)
        if statement["Effect"] == "Allow" and "dynamodb:PutItem" in as_list(statement["Action"])
        for resource in resources_of(statement)
        if resource.endswith("}instruments")
    }
    assert keeping == {"KeepTradingState", "SyncInstrumentsRole"}
    placing = SIGNING - {"SyncInstruments", "ImportHistory"}
    assert all("KeepTradingState" in policies_of(roles(stacks)[f"{name}Role"]) for name in placing)


def test_every_place_in_the_parameter_store_is_documented(stacks: Stacks) -> None:
    named = {
        part.group(1)
        for _, statement in statements(stacks)
        for resource in resources_of(statement)
        if (part := re.search(r"parameter/undertow/\$\{Stage\}/([a-z-]+)", resource))
    }
    documented = (PROJECT / "docs" / "parameters.md").read_text()
    assert named == {"globals", "strategies", "secrets", "stream-secrets", "route-secrets", "tokens"}
    assert all(f"| `{place}" in documented for place in named)


def test_whoever_serves_sockets_knows_tokens_and_news_and_no_table_of_the_account(stacks: Stacks) -> None:
    own = [statement for name, statement in statements(stacks) if name == "LiveRole"]
    tables = {resource.rsplit("}", 1)[-1] for one in own for resource in resources_of(one) if ":table/" in resource}
    assert tables == {"connections"}
    assert not policies_of(roles(stacks)["LiveRole"]) - {"PermanentTables"}


def test_whoever_makes_news_changes_nothing_but_the_news(stacks: Stacks) -> None:
    written = {
        resource.rsplit("}", 1)[-1]
        for name, statement in statements(stacks)
        if name == "PushChangesRole" and {"dynamodb:PutItem", "dynamodb:DeleteItem"} & set(as_list(statement["Action"]))
        for resource in resources_of(statement)
    }
    assert written == {"connections"}
    assert policies_of(roles(stacks)["PushChangesRole"]) == {"PermanentTables", "ReadTuning"}


@pytest.mark.parametrize("role", ["TrackAccountRole", "FollowUpOrdersRole"])
def test_functions_whose_failed_messages_must_come_back_soon_may_say_so_to_their_queue(
    role: str, stacks: Stacks
) -> None:
    allowed = {
        action for name, statement in statements(stacks) if name == role for action in as_list(statement["Action"])
    }
    assert "sqs:ChangeMessageVisibility" in allowed
