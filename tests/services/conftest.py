import pytest
from tests.services.world import World, new_world


@pytest.fixture
def world() -> World:
    return new_world()
