"""Every liquidation that was dealt with is on record, once for each strategy that looked at it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.adapters.sqs.messages import read_liquidations
from undertow.domain.decision import decision_id


@dataclass(frozen=True, slots=True)
class Decided:
    universe: Universe

    def check(self, body: str) -> Iterator[Violation]:
        """I15. ``body`` is a message that left its queue because it was dealt with."""
        batch = read_liquidations(body)
        for strategy in self.universe.params.current().strategies.values():
            if batch.symbol not in strategy.symbols:
                continue
            decisions = self.universe.store.decisions[strategy.account]
            for measured in batch.liquidations:
                if decision_id(strategy.id, measured.liquidation.id) not in decisions:
                    what = f"{strategy.id} looked at {measured.liquidation.id} and why it did nothing is not on record"
                    yield Violation("I15", what)
