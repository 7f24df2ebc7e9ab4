"""When the venue's first word on an order came, and that no later one is taken for it."""

import pytest
from tests.unit.builders import NOW_MS, news, order

from undertow.domain.order import OrderState

FIRST_MS, LATER_MS = NOW_MS + 40, NOW_MS + 9_000


@pytest.mark.parametrize("state", [OrderState.IN_FLIGHT, OrderState.UNCONFIRMED, OrderState.LOST])
@pytest.mark.parametrize("said", [OrderState.OPEN, OrderState.FILLED, OrderState.EXPIRED])
def test_the_first_word_on_an_order_is_its_answer(state: OrderState, said: OrderState) -> None:
    answered = order(state).with_news(news(said), FIRST_MS)
    assert answered.answered_at_ms == FIRST_MS
    assert answered.with_news(news(OrderState.FILLED, "0.3", "999"), LATER_MS).answered_at_ms == FIRST_MS


def test_a_rejection_is_an_answer() -> None:
    assert order(OrderState.IN_FLIGHT).revised(OrderState.REJECTED, FIRST_MS, "-2019").answered_at_ms == FIRST_MS


@pytest.mark.parametrize("state", [OrderState.UNCONFIRMED, OrderState.ABANDONED, OrderState.LOST])
def test_what_the_venue_did_not_say_is_no_answer(state: OrderState) -> None:
    assert order(OrderState.IN_FLIGHT).revised(state, FIRST_MS, "timeout").answered_at_ms is None


def test_not_to_know_an_order_is_no_answer() -> None:
    assert order(OrderState.UNCONFIRMED).not_found_again(FIRST_MS).answered_at_ms is None


def test_an_answer_stands_when_the_order_is_lost_sight_of_later() -> None:
    answered = order(OrderState.IN_FLIGHT).with_news(news(OrderState.OPEN), FIRST_MS)
    lost = answered.revised(OrderState.LOST, FIRST_MS + 1, "")
    assert lost.with_news(news(OrderState.CANCELED), LATER_MS).answered_at_ms == FIRST_MS


@pytest.mark.parametrize("state", [OrderState.OPEN, OrderState.PARTIALLY_FILLED])
def test_a_record_from_before_answers_were_kept_never_gets_one(state: OrderState) -> None:
    old = order(state, answered_at_ms=None)
    assert old.with_news(news(OrderState.FILLED, "0.3", "999"), LATER_MS).answered_at_ms is None
