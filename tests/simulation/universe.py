"""All that one simulated run holds: what the store keeps, what the venue holds, and what was told to whom."""

from dataclasses import dataclass, field
from random import Random

from local.venue.house import House

from undertow.adapters.memory import MemoryStore, RecordingMeter, RecordingNotifier, SettableClock, StaticParams
from undertow.domain.account import Account
from undertow.ports import Repositories


@dataclass(frozen=True, slots=True)
class Universe:
    """``clock`` is the true time, which is also the venue's. ``kept`` reads and writes the store at once, unheld.

    ``history`` gets one record for each order that anybody submitted, see `tests.simulation.history`.
    """

    seed: int
    clock: SettableClock
    random: Random
    """For what happens in the world: troubles, owners, markets. The scheduler draws from one of its own."""
    store: MemoryStore
    kept: Repositories
    house: House
    accounts: tuple[Account, ...]
    params: StaticParams
    """What the parameter store holds now; each container has a copy that may be older."""
    notifier: RecordingNotifier
    meter: RecordingMeter
    history: list[object] = field(default_factory=list)

    @property
    def now_ms(self) -> int:
        return self.clock.at_ms

    @property
    def account(self) -> Account:
        """The one that troubles strike."""
        return self.accounts[0]
