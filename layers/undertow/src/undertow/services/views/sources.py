"""What the views read from."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from undertow.domain.account import Account
from undertow.domain.ids import AccountId
from undertow.ports import Clock, Documents, ParamsSource, Repositories
from undertow.services.views.decision_tally import DecisionTally
from undertow.services.views.marks import Marks
from undertow.services.views.past_candles import PastCandles
from undertow.services.views.past_tape import PastTape


class UnknownAccount(Exception):
    """No account of that name is configured."""

    def __init__(self, account: str, known: list[str]) -> None:
        super().__init__(f"there is no account {account}; there are: {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Sources:
    kept: Repositories
    params: ParamsSource
    documents: Documents
    marks: Marks
    clock: Clock
    past_candles: PastCandles
    tally: DecisionTally = field(default_factory=DecisionTally)
    past_tape: PastTape = field(default_factory=PastTape)

    def accounts(self, only: AccountId | None) -> Iterator[Account]:
        """The accounts asked for, by name. Raises UnknownAccount."""
        accounts = self.params.current().globals.accounts
        if only is not None and only not in accounts:
            raise UnknownAccount(only, sorted(accounts))
        return (account for name, account in sorted(accounts.items()) if only in (None, name))
