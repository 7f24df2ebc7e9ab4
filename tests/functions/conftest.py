"""The API over a small world."""

from pathlib import Path

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.console_world import MarksOfATest, new_console, new_documents
from tests.services.world import World, new_world

from undertow.adapters.ssm.store import SsmDocuments
from undertow.api.app import create_app
from undertow.services.console import Console

PAGE = Path(__file__).parent / "built_page"
"""A small page as the build makes one: the tests of the API do not wait for the real one."""


@pytest.fixture
def world() -> World:
    return new_world()


@pytest.fixture
def venue_marks() -> MarksOfATest:
    return MarksOfATest()


@pytest.fixture
def documents() -> SsmDocuments:
    return new_documents()


@pytest.fixture
def console(world: World, documents: SsmDocuments, venue_marks: MarksOfATest) -> Console:
    return new_console(world, documents, venue_marks)


@pytest.fixture
def api(console: Console) -> ApiCaller:
    return ApiCaller(create_app(lambda: console, PAGE))
