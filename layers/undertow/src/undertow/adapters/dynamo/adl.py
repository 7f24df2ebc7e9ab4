"""Ranks of positions in the venue's queue of auto-deleveraging: one row for each account, replaced as a whole."""

from typing import Final

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.conditions import not_later
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import CONTROL
from undertow.domain.adl import AdlRanks, never_asked
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import PositionSide

_ASKED_AT: Final = "asked_at_ms"


class DynamoAdlRankings:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def get(self, account: AccountId) -> AdlRanks:
        item = self._store.get(CONTROL, keys.account(account), keys.ADL)
        if item is None:
            return never_asked(account)
        ranks = {_leg(name): int(rank["N"]) for name, rank in item["ranks"]["M"].items()}
        return AdlRanks(account, int(item[_ASKED_AT]["N"]), ranks, item["failure"]["S"])

    def save(self, ranks: AdlRanks) -> None:
        item = {
            "pk": {"S": keys.account(ranks.account)},
            "sk": {"S": keys.ADL},
            _ASKED_AT: {"N": str(ranks.asked_at_ms)},
            "ranks": {"M": {_name(*leg): {"N": str(rank)} for leg, rank in ranks.ranks.items()}},
            "failure": {"S": ranks.failure},
        }
        self._store.put_if(CONTROL, item, not_later(_ASKED_AT, ranks.asked_at_ms))


def _leg(name: str) -> tuple[Symbol, PositionSide]:
    symbol, _, side = name.rpartition("#")
    return Symbol(symbol), PositionSide(side)


def _name(symbol: Symbol, side: PositionSide) -> str:
    return f"{symbol}#{side.value}"
