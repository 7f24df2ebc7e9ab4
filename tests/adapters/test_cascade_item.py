"""The cascade state as an item of a table."""

import pytest
from hypothesis import given
from tests.adapters.measured import cascade_states

from undertow.adapters.dynamo.cascade_item import cascade_item, read_cascade_item
from undertow.domain.cascade import CascadeState
from undertow.domain.market import Venue


@given(cascade_states())
def test_a_state_is_read_as_it_was_written(state: CascadeState) -> None:
    assert read_cascade_item(cascade_item(state)) == state


def test_the_newest_state_of_a_venue_has_one_place() -> None:
    item = cascade_item(CascadeState(Venue.ASTER, 5, False, {}, {}))

    assert (item["pk"], item["sk"], item["measured_at_ms"]) == ({"S": "venue#aster"}, {"S": "cascade"}, {"N": "5"})


def test_a_colour_that_nobody_told_us_about_is_loud() -> None:
    item = cascade_item(CascadeState(Venue.ASTER, 5, False, {}, {}))
    item["symbols"] = {"S": '{"BTCUSDT":{"magnitude":["purple","0",null,null,null,[],"ok",1,1,""]}}'}

    with pytest.raises(ValueError, match="purple"):
        read_cascade_item(item)
