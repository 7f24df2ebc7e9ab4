"""The matching engine as one object: the market is pushed in, orders come in, events are drained.

Pure: no I/O, no clock (``now_ms`` is passed in), no chance. One thread.
"""

from collections.abc import Sequence
from decimal import Decimal

from undertow.adapters.paper.events import EngineEvent
from undertow.domain.ids import Symbol


class Exchange:
    """The market side calls ``on_quote``, ``on_print`` and ``on_funding``; both doors drain one list of events."""

    def __init__(self) -> None:
        self._events: list[EngineEvent] = []

    def on_quote(
        self,
        symbol: Symbol,
        *,
        bid: Decimal,
        bid_quantity: Decimal,
        ask: Decimal,
        ask_quantity: Decimal,
        last: Decimal,
        mark: Decimal,
        index: Decimal,
        now_ms: int,
    ) -> None:
        """The market of ``symbol`` moved: fill what it reaches, trigger what it triggers, liquidate what it ruins."""

    def on_print(self, symbol: Symbol, price: Decimal, quantity: Decimal, buyer_is_maker: bool, now_ms: int) -> None:
        """A public trade: fills resting orders at better prices, and those at its price once their turn has come."""

    def on_funding(self, symbol: Symbol, rate: Decimal, now_ms: int) -> None:
        """Funding is due on ``symbol``: every position pays or receives its amount times mark times ``rate``."""

    def on_time(self, now_ms: int) -> None:
        """Fire the countdowns that have run out. Called about every 10 ms."""

    def drain_events(self) -> Sequence[EngineEvent]:
        """What happened since the last call, in order."""
        drained, self._events = self._events, []
        return drained
