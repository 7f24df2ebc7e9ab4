"""A session has an id of its own, and begins at its first version."""

from tests.unit.builders import ACCOUNT, HUNTER, NOW_MS

from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.session import TradeSession, opened_session


def test_a_session_opens_with_all_that_is_known_of_it() -> None:
    session = opened_session(ACCOUNT, HUNTER, "anna", "a fresh start", NOW_MS)
    assert session == TradeSession(session.id, ACCOUNT, HUNTER, NOW_MS, "anna", "a fresh start", version=1)
    assert session.is_open


def test_the_id_follows_from_account_strategy_and_time_and_from_nothing_else() -> None:
    session = opened_session(ACCOUNT, HUNTER, "anna", "", NOW_MS)
    assert opened_session(ACCOUNT, HUNTER, "bert", "again", NOW_MS).id == session.id
    others = [
        opened_session(AccountId("second"), HUNTER, "anna", "", NOW_MS),
        opened_session(ACCOUNT, StrategyId("ladder"), "anna", "", NOW_MS),
        opened_session(ACCOUNT, HUNTER, "anna", "", NOW_MS + 1),
    ]
    assert len({session.id, *(other.id for other in others)}) == 4
