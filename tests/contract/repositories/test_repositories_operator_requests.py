"""What people ask of open positions, as both stores keep it."""

from dataclasses import replace

from tests.contract.repositories.make import ACCOUNT, BIANCE, BTC, LONG, NOW_MS, OTHER, SHORT, d

from undertow.domain.ids import ClientOrderId, PositionId
from undertow.domain.request import OperatorRequest, RequestKind, RequestState, request_id
from undertow.ports import Repositories
from undertow.ports.requests import place_of_request

CLOSE = OperatorRequest(
    id=request_id(ACCOUNT, "token", "click-1"),
    account=ACCOUNT,
    symbol=BTC,
    side=LONG,
    position=PositionId("position-1"),
    kind=RequestKind.CLOSE,
    asked_at_ms=NOW_MS,
    by="token abcdefgh",
    percent=d("12.50"),
)
STOP = replace(
    CLOSE,
    id=request_id(ACCOUNT, "token", "click-2"),
    symbol=BIANCE,
    side=SHORT,
    kind=RequestKind.STOP,
    asked_at_ms=NOW_MS + 5,
    percent=None,
    stop_price=d("0.000012340"),
    confirmed=True,
)


def test_a_request_comes_back_as_it_was_asked(kept: Repositories) -> None:
    for request in (CLOSE, STOP):
        assert kept.requests.add(request)
        assert kept.requests.get(ACCOUNT, request.id) == request
    assert kept.requests.get(OTHER, CLOSE.id) is None


def test_an_id_is_taken_once(kept: Repositories) -> None:
    assert kept.requests.add(CLOSE)
    assert not kept.requests.add(replace(CLOSE, percent=d("100")))
    assert kept.requests.get(ACCOUNT, CLOSE.id) == CLOSE


def test_it_is_begun_and_ended_over_the_version_before_and_no_other(kept: Repositories) -> None:
    begun = CLOSE.begun(NOW_MS + 10, quantity=d("0.00450"))
    assert not kept.requests.update(begun)
    assert kept.requests.add(CLOSE)
    assert kept.requests.update(begun)
    assert not kept.requests.update(CLOSE.begun(NOW_MS + 11, quantity=d("9")))
    orders = (ClientOrderId("ut-x-a"), ClientOrderId("ut-x-b"))
    ended = begun.ended(RequestState.DONE, NOW_MS + 20, "the venue took it", orders)
    assert kept.requests.update(ended)
    assert kept.requests.get(ACCOUNT, CLOSE.id) == ended


def test_what_was_fixed_when_it_was_begun_is_kept(kept: Repositories) -> None:
    assert kept.requests.add(STOP)
    begun = STOP.begun(
        NOW_MS + 10, stop_price=d("0.00001230"), stop_before=d("0.00001"), held_before_ms=NOW_MS - 60_000
    )
    assert kept.requests.update(begun)
    assert kept.requests.get(ACCOUNT, STOP.id) == begun
    assert begun.asked_price == STOP.stop_price


def test_requests_are_listed_by_when_they_were_asked(kept: Repositories) -> None:
    stop = replace(STOP, stop_before=d("0.5"))
    for request in (CLOSE, stop):
        kept.requests.add(request)
    assert kept.requests.recent(ACCOUNT, NOW_MS, NOW_MS + 5, 10) == [stop, CLOSE]
    assert kept.requests.recent(ACCOUNT, NOW_MS, NOW_MS + 4, 10) == [CLOSE]
    assert kept.requests.recent(ACCOUNT, NOW_MS, NOW_MS + 5, 1) == [stop]
    assert kept.requests.recent(ACCOUNT, NOW_MS, NOW_MS + 5, 1, place_of_request(stop)) == [CLOSE]
    assert kept.requests.recent(ACCOUNT, NOW_MS, NOW_MS + 5, 9, place_of_request(CLOSE)) == []
    assert kept.requests.recent(OTHER, NOW_MS, NOW_MS + 5, 10) == []


def test_those_that_have_not_ended_are_found_and_no_others(kept: Repositories) -> None:
    for request in (CLOSE, STOP):
        kept.requests.add(request)
    assert kept.requests.unfinished(ACCOUNT, NOW_MS) == [CLOSE, STOP]
    assert kept.requests.unfinished(ACCOUNT, NOW_MS + 1) == [STOP]
    kept.requests.update(CLOSE.ended(RequestState.REFUSED, NOW_MS + 9, "stale"))
    assert kept.requests.unfinished(ACCOUNT, NOW_MS) == [STOP]
