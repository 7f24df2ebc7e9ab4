"""What a run has imported of the venue's books explains the wallet, to the last cent."""

from typing import Final

from tests.simulation.identity import check_imported
from tests.simulation.simulation import Simulation
from tests.simulation.violation import Violation

from undertow.services.import_history import IDLE_MS

LATER_MS: Final = IDLE_MS + 1_000
"""By then nobody holds the turn to import any more, and every market is asked for whether or not it seems quiet: a run
that died after its incomes were stored leaves the trades of their markets for so long.
"""
PASSES: Final = 3


def check_books(simulation: Simulation) -> list[Violation]:
    """Import what is left, in good order, and reckon. To be asked last: it moves the time on.

    Trades that the venue lists nowhere cannot be imported: then nothing can be said.
    """
    if simulation.gate.never_listed:
        return []
    universe, found = simulation.universe, list[Violation]()
    desk = simulation.desk()
    universe.clock.advance(LATER_MS)
    for account in universe.accounts:
        for _ in range(PASSES):
            desk.import_history(account)
        found += check_imported(universe.house, universe.store, account.id)
    return found
