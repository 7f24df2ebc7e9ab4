"""What people asked to be changed, by their keys: one at a time, answered once, and free again when it was refused."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.contract.repositories.make import NOW_MS

from undertow.domain.action import Action, ActionState, KeptAnswer
from undertow.ports import Repositories

DAY_MS = 86_400_000
ACTION = Action("abcdefgh", "key-00000001", "pause", "digest", NOW_MS)
ANSWER = KeptAnswer(200, {"ETag": '"2"'}, '{"text":"ünïcode"}')


def test_the_first_begins_and_the_second_is_shown_the_first(kept: Repositories) -> None:
    assert kept.actions.begin(ACTION) is None
    assert kept.actions.begin(replace(ACTION, begun_at_ms=NOW_MS + 5, digest="other")) == ACTION


def test_an_answer_is_kept_as_it_went_out(kept: Repositories) -> None:
    kept.actions.begin(ACTION)
    answered = replace(ACTION, state=ActionState.ANSWERED, answer=ANSWER)
    assert kept.actions.end(answered)
    assert kept.actions.begin(replace(ACTION, begun_at_ms=NOW_MS + 5)) == answered


def test_an_answered_one_is_never_ended_again(kept: Repositories) -> None:
    kept.actions.begin(ACTION)
    kept.actions.end(replace(ACTION, state=ActionState.ANSWERED, answer=ANSWER))
    assert not kept.actions.end(replace(ACTION, state=ActionState.REFUSED))
    assert not kept.actions.begin_again(replace(ACTION, begun_at_ms=NOW_MS + 60_000), ACTION)


def test_the_key_of_a_refused_one_is_free_for_anything(kept: Repositories) -> None:
    kept.actions.begin(ACTION)
    assert kept.actions.end(replace(ACTION, state=ActionState.REFUSED))
    assert kept.actions.begin(replace(ACTION, digest="other", begun_at_ms=NOW_MS + 1)) is None


def test_keys_of_two_callers_are_two_keys(kept: Repositories) -> None:
    assert kept.actions.begin(ACTION) is None
    assert kept.actions.begin(replace(ACTION, caller="zyxwvuts")) is None


def test_one_that_never_ended_is_taken_up_again_by_one_only_and_the_first_has_no_say_any_more(
    kept: Repositories,
) -> None:
    kept.actions.begin(ACTION)
    again = replace(ACTION, begun_at_ms=NOW_MS + 60_000)
    assert kept.actions.begin_again(again, ACTION)
    assert not kept.actions.begin_again(replace(ACTION, begun_at_ms=NOW_MS + 60_001), ACTION)
    assert not kept.actions.end(replace(ACTION, state=ActionState.ANSWERED, answer=ANSWER))
    assert kept.actions.end(replace(again, state=ActionState.ANSWERED, answer=ANSWER))


def test_a_key_is_forgotten_after_fourteen_days(kept: Repositories) -> None:
    kept.actions.begin(ACTION)
    assert kept.actions.begin(replace(ACTION, begun_at_ms=NOW_MS + 14 * DAY_MS - 1_000)) == ACTION
    assert kept.actions.begin(replace(ACTION, begun_at_ms=NOW_MS + 14 * DAY_MS)) is None


def test_an_answer_without_a_body_stays_one(kept: Repositories) -> None:
    kept.actions.begin(ACTION)
    answered = replace(ACTION, state=ActionState.ANSWERED, answer=KeptAnswer(204, {}, ""))
    kept.actions.end(answered)
    assert kept.actions.begin(ACTION) == answered


def test_of_many_at_the_same_moment_one_begins(shared: Repositories) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: shared.actions.begin(ACTION), range(8)))
    assert found.count(None) == 1
    assert found.count(ACTION) == 7
