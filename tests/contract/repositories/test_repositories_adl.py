"""How the venue ranks an account's positions, as it was answered last."""

from dataclasses import replace

from tests.contract.repositories.make import ACCOUNT, BTC, LONG, NOW_MS, OTHER

from undertow.domain.adl import AdlRanks, never_asked
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.ports import Repositories

RANKS = {(BTC, LONG): 4, (BTC, PositionSide.SHORT): 0, (Symbol("币安人生USDT"), LONG): 2}
ANSWER = AdlRanks(ACCOUNT, NOW_MS, RANKS)


def test_before_the_venue_was_asked_nothing_is_known(kept: Repositories) -> None:
    assert kept.adl_rankings.get(ACCOUNT) == never_asked(ACCOUNT)


def test_ranks_are_kept_by_account_symbol_and_side(kept: Repositories) -> None:
    kept.adl_rankings.save(ANSWER)
    assert kept.adl_rankings.get(ACCOUNT) == ANSWER
    assert kept.adl_rankings.get(OTHER) == never_asked(OTHER)


def test_a_failure_takes_the_place_of_what_was_known(kept: Repositories) -> None:
    failed = AdlRanks(ACCOUNT, NOW_MS + 1, failure="no answer")
    kept.adl_rankings.save(ANSWER)
    kept.adl_rankings.save(failed)
    assert kept.adl_rankings.get(ACCOUNT) == failed


def test_an_older_answer_never_replaces_a_newer_one(kept: Repositories) -> None:
    kept.adl_rankings.save(ANSWER)
    kept.adl_rankings.save(replace(ANSWER, asked_at_ms=NOW_MS - 1, ranks={}))
    assert kept.adl_rankings.get(ACCOUNT) == ANSWER
