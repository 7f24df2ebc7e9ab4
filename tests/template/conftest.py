"""Reads the template and its nested stacks as plain data; `!Sub x` becomes {"Fn::Sub": x}, `!Ref x` {"Ref": x}."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
Resources = dict[str, dict[str, Any]]


class _Loader(yaml.SafeLoader):
    pass


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = str(value).split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _intrinsic)


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506  a SafeLoader with our tags
    return document


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    return load(PROJECT / "template.yaml")


@pytest.fixture(scope="session")
def nested() -> dict[str, dict[str, Any]]:
    return {path.stem: load(path) for path in sorted((PROJECT / "infra").glob("*.yaml"))}


@pytest.fixture(scope="session")
def stacks(template: dict[str, Any], nested: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {"template": template, **nested}


OfType = Callable[[str], Resources]


@pytest.fixture(scope="session")
def of_type(stacks: dict[str, dict[str, Any]]) -> OfType:
    """All resources of a type, over all stacks."""

    def find(kind: str) -> Resources:
        def matches() -> Iterator[tuple[str, dict[str, Any]]]:
            for stack in stacks.values():
                for name, resource in stack["Resources"].items():
                    if resource["Type"] == kind:
                        yield name, resource

        return dict(matches())

    return find


@pytest.fixture(scope="session")
def functions(of_type: OfType) -> Resources:
    return of_type("AWS::Serverless::Function")


@pytest.fixture(scope="session")
def queues(of_type: OfType) -> Resources:
    return of_type("AWS::SQS::Queue")


@pytest.fixture(scope="session")
def tables(of_type: OfType) -> Resources:
    return of_type("AWS::DynamoDB::Table")
