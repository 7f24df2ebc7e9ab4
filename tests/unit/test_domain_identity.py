"""Identities are derived: the same cause always has the same name, another cause another."""

import re
from itertools import combinations
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import ACCOUNT, HUNTER, LONG, NOW_MS, d, fill, position, protection
from tests.unit.ladders import planned, request

from undertow.domain.decision import decision_id
from undertow.domain.ids import LiquidationId, StrategyId, client_order_id, digest_of, is_ours
from undertow.domain.market import liquidation_id
from undertow.domain.order import Purpose
from undertow.domain.position import opened_by
from undertow.domain.request import request_id
from undertow.risk.protection import stop_intent, target_intent

ASTER_CLIENT_ID: Final = re.compile(r"[\.A-Z\:/a-z0-9_-]{1,36}")
LIQUIDATION: Final = ("BTCUSDT", "SELL", "0.03", "100000", 1_765_417_000_000)

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x1f"))
parts = st.lists(st.one_of(texts, st.integers()))


@given(parts)
def test_a_digest_is_26_letters_of_lower_case_base32(given_parts: list[object]) -> None:
    assert re.fullmatch(r"[a-z2-7]{26}", digest_of(*given_parts))
    assert digest_of(*given_parts) == digest_of(*given_parts)


def test_a_digest_is_pinned_since_stored_records_are_found_by_it() -> None:
    assert digest_of("position", "main", "BTCUSDT", 1) == "qsx3yjkx3xbxwwy7nheja6dta7"


@pytest.mark.parametrize(
    ("of", "stored"),
    [
        (decision_id(HUNTER, LiquidationId("liq1")), "qcgwg3c5hyeshoourywdbuinfp"),
        (request_id(ACCOUNT, "anna", "click-1"), "driug6vgrbchse3hhfegut5rxl"),
        (opened_by(fill("0.3"), LONG, HUNTER, 10).id, "cvn3tpgazjwopgo6flrj7mx6ty"),
        (planned(request()).id, "azhcipwskioc6n2ces6zsezri3"),
        (stop_intent(position(), d("990"), protection(), 0).client_order_id, "ut-s-7yn7al44mbtddmbumxgzzw4lp3"),
        (target_intent(position(), d("990"), protection(), 0).client_order_id, "ut-t-7yn7al44mbtddmbumxgzzw4lp3"),
        (liquidation_id("BTCUSDT", "SELL", "0.03", "100000", NOW_MS), "4yerqp6zjigpf23wm2k5cbs2sr"),
    ],
)
def test_the_next_version_names_what_this_one_stored_or_sent_by_the_same_id(of: str, stored: str) -> None:
    assert of == stored


@given(parts, parts)
def test_different_parts_have_different_digests(one: list[object], other: list[object]) -> None:
    same = [str(part) for part in one] == [str(part) for part in other]
    empty = {tuple(map(str, one)), tuple(map(str, other))} <= {(), ("",)}
    assert (digest_of(*one) == digest_of(*other)) == (same or empty)


def test_parts_do_not_run_together() -> None:
    assert digest_of("ab", "c") != digest_of("a", "bc") != digest_of("abc")


@given(st.sampled_from(Purpose), parts)
def test_a_client_order_id_is_one_that_the_venue_admits_and_that_we_know_again(
    purpose: Purpose, given_parts: list[object]
) -> None:
    order_id = client_order_id(purpose.letter, *given_parts)
    assert ASTER_CLIENT_ID.fullmatch(order_id)
    assert len(order_id) == 31, "room for a suffix within the 36 letters of the venue"
    assert is_ours(order_id)


@pytest.mark.parametrize("order_id", ["", "web_abc", "UT-e-abc", "autoclose-1", "xut-e-a"])
def test_an_order_without_our_prefix_is_somebody_elses(order_id: str) -> None:
    assert not is_ours(order_id)


def test_two_workers_name_one_liquidation_alike_and_each_field_tells_two_apart() -> None:
    changed = [
        ("ETHUSDT", *LIQUIDATION[1:]),
        (LIQUIDATION[0], "BUY", *LIQUIDATION[2:]),
        (*LIQUIDATION[:2], "0.031", *LIQUIDATION[3:]),
        (*LIQUIDATION[:3], "100000.1", LIQUIDATION[4]),
        (*LIQUIDATION[:4], LIQUIDATION[4] + 1),
    ]
    ids = [liquidation_id(*fields) for fields in (LIQUIDATION, *changed)]
    assert liquidation_id(*LIQUIDATION) == ids[0]
    assert all(one != other for one, other in combinations(ids, 2))


def test_one_strategy_looks_at_one_liquidation_once() -> None:
    looks = [(StrategyId(s), LiquidationId(e)) for s, e in (("a", "1"), ("a", "2"), ("b", "1"))]
    assert len({decision_id(*look) for look in looks}) == 3
    assert decision_id(*looks[0]) == decision_id(*looks[0])
