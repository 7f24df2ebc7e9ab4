"""What a person asks of a position: told apart from other wishes, begun once, and ended with a reason."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.builders import ACCOUNT, BTC, LONG, NOW_MS, SHORT, d

from undertow.domain.ids import AccountId, ClientOrderId, PositionId, Symbol
from undertow.domain.request import OperatorRequest, RequestKind, RequestState, request_id

ASKED = OperatorRequest(
    id=request_id(ACCOUNT, "anna", "click-1"),
    account=ACCOUNT,
    symbol=BTC,
    side=LONG,
    position=PositionId("p1"),
    kind=RequestKind.CLOSE,
    asked_at_ms=NOW_MS,
    by="anna",
    percent=d("50"),
)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"percent": d("50.0")}, "close 50 % of BTCUSDT LONG"),
        ({"kind": RequestKind.STOP, "stop_price": d("990.50")}, "move the stop of BTCUSDT LONG to 990.5"),
        ({"kind": RequestKind.BREAK_EVEN}, "move the stop to break-even: BTCUSDT LONG"),
        ({"kind": RequestKind.BREAK_EVEN, "stop_price": d("1001")}, "move the stop to break-even: BTCUSDT LONG"),
        ({"kind": RequestKind.FREEZE_LAYERS, "side": SHORT}, "freeze the layers: BTCUSDT SHORT"),
        ({"kind": RequestKind.UNFREEZE_LAYERS}, "let layers be added again: BTCUSDT LONG"),
    ],
)
def test_a_request_is_described_in_a_few_words(changes: dict[str, Any], words: str) -> None:
    assert replace(ASKED, **changes).describe() == words


@pytest.mark.parametrize(
    "changes",
    [
        {"account": AccountId("second")},
        {"symbol": Symbol("ETHUSDT")},
        {"side": SHORT},
        {"position": PositionId("p2")},
        {"kind": RequestKind.FREEZE_LAYERS},
        {"percent": d("51")},
        {"confirmed": True},
    ],
)
def test_a_request_that_differs_in_what_is_wished_is_another_one(changes: dict[str, Any]) -> None:
    other = replace(ASKED, **changes)
    assert not ASKED.asks_the_same_as(other)
    assert not other.asks_the_same_as(ASKED)


def test_who_asked_and_what_was_fixed_when_it_was_begun_make_no_other_wish() -> None:
    begun = replace(ASKED, by="bert").begun(NOW_MS + 1, quantity=d("0.1"), stop_price=d("990"), stop_before=d("980"))
    assert ASKED.asks_the_same_as(begun)


def test_two_stops_at_different_prices_are_two_wishes() -> None:
    stop = replace(ASKED, kind=RequestKind.STOP, percent=None, stop_price=d("990"))
    assert stop.asks_the_same_as(replace(stop, asked_at_ms=NOW_MS + 5))
    assert not stop.asks_the_same_as(replace(stop, stop_price=d("991")))


@pytest.mark.parametrize(
    ("waited_ms", "begun_at_ms", "stale"),
    [(60_000, None, False), (60_001, None, True), (60_001, NOW_MS, False)],
)
def test_a_request_is_stale_when_nobody_began_it_within_a_minute(
    waited_ms: int, begun_at_ms: int | None, stale: bool
) -> None:
    assert replace(ASKED, begun_at_ms=begun_at_ms).is_stale(NOW_MS + waited_ms) is stale


def test_a_begun_request_has_its_figures_fixed_and_is_the_next_version() -> None:
    begun = ASKED.begun(NOW_MS + 7, quantity=d("0.15"), stop_before=d("980"))
    fixed = {"begun_at_ms": NOW_MS + 7, "quantity": d("0.15"), "stop_before": d("980"), "version": 2}
    assert begun == replace(ASKED, **fixed)
    assert begun.state is RequestState.ASKED


def test_a_stop_keeps_the_price_that_was_asked_for_unless_it_is_given_one_when_it_is_begun() -> None:
    stop = replace(ASKED, kind=RequestKind.STOP, stop_price=d("990.04"))
    assert stop.begun(NOW_MS).stop_price == d("990.04")
    assert stop.begun(NOW_MS, stop_price=d("990.1")).stop_price == d("990.1")


def test_an_ended_request_says_when_why_and_by_which_orders() -> None:
    sent = (ClientOrderId("ut-x-one"),)
    done = ASKED.ended(RequestState.DONE, NOW_MS + 9, "half of it is closed", sent)
    told = {"state": RequestState.DONE, "finished_at_ms": NOW_MS + 9, "reason": "half of it is closed", "version": 2}
    assert done == replace(ASKED, orders=sent, **told)
    again = done.ended(RequestState.DONE, NOW_MS + 10, "once more")
    assert (again.orders, again.version) == (sent, 3)


@pytest.mark.parametrize("state", RequestState)
def test_a_request_has_ended_once_it_is_done_or_refused(state: RequestState) -> None:
    assert state.is_final is (state in {RequestState.DONE, RequestState.REFUSED})


@pytest.mark.parametrize("kind", RequestKind)
def test_a_stop_and_break_even_move_the_stop_and_nothing_else_does(kind: RequestKind) -> None:
    assert kind.moves_the_stop is (kind in {RequestKind.STOP, RequestKind.BREAK_EVEN})


def test_a_key_names_one_request_of_one_sender_on_one_account() -> None:
    assert request_id(ACCOUNT, "anna", "click-1") == ASKED.id
    others = [
        request_id(AccountId("second"), "anna", "click-1"),
        request_id(ACCOUNT, "bert", "click-1"),
        request_id(ACCOUNT, "anna", "click-2"),
    ]
    assert len({ASKED.id, *others}) == 4
