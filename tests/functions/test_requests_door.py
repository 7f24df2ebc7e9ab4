"""Rows of the control table's stream in, requests carried out; what failed is told by its place in the stream."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from tests.services.asked import close, exits
from tests.services.world import ACCOUNT, World

from undertow.adapters.dynamo import keys
from undertow.domain.outcome import VenueUnreachable
from undertow.domain.request import RequestId, RequestState
from undertow.entry import RowKey, stream_handler

HANDLER = Path(__file__).parents[2] / "functions" / "carry_out_requests" / "handler.py"


class Context:
    left_ms = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


def record(request: RequestId, sequence: str, account: str = ACCOUNT.id) -> dict[str, Any]:
    """As Lambda hands it over."""
    return {
        "eventID": sequence,
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {"pk": {"S": f"requests#{account}"}, "sk": {"S": request}},
            "SequenceNumber": sequence,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


@pytest.fixture(name="door")
def _door() -> Any:
    spec = importlib.util.spec_from_file_location("carry_out_requests", HANDLER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.door


def handled(world: World, door: Any, *records: dict[str, Any], context: Context | None = None) -> Any:
    return stream_handler(lambda: door(world.desk))({"Records": list(records)}, context or Context())


def test_a_row_that_is_written_is_carried_out(world: World, door: Any) -> None:
    world.holding()
    request = close(world, "100")
    assert handled(world, door, record(request, "1")) == {"batchItemFailures": []}
    done = world.desk.repositories.requests.get(ACCOUNT.id, request)
    assert done is not None
    assert (done.state, len(exits(world))) == (RequestState.DONE, 1)


def test_a_row_that_is_handed_over_twice_is_carried_out_once(world: World, door: Any) -> None:
    world.holding()
    request = close(world, "50")
    handled(world, door, record(request, "1"), record(request, "1"))
    handled(world, door, record(request, "1"))
    assert len(exits(world)) == 1


def test_what_failed_is_handed_over_again_from_its_place_on(world: World, door: Any) -> None:
    world.holding()
    request = close(world, "100")

    def unreachable(_: object) -> Any:
        raise VenueUnreachable("no route")

    world.venue.answers.append(unreachable)
    nobody = record(RequestId("x"), "2", account="nobody")
    answer = handled(world, door, record(request, "1"), nobody, record(RequestId("none"), "3"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}
    assert handled(world, door, record(request, "1")) == {"batchItemFailures": []}


def test_without_time_left_nothing_is_begun(world: World, door: Any) -> None:
    world.holding()
    request = close(world, "100")
    hurried = Context()
    hurried.left_ms = 4_000
    answer = handled(world, door, record(request, "7"), context=hurried)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    assert exits(world) == []


def test_the_row_of_something_else_is_an_error_and_not_a_request() -> None:
    row = RowKey("account#main", "control")
    with pytest.raises(ValueError, match="is no request"):
        keys.read_request_key(row.pk, row.sk)
