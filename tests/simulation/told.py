"""What the user data stream told and was dealt with is in the books."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.adapters.aster.user_messages import read_user
from undertow.adapters.sqs.messages import UserFrames, read_user_events
from undertow.domain.event import OrderChanged


@dataclass(frozen=True, slots=True)
class Told:
    universe: Universe

    def check(self, body: str) -> Iterator[Violation]:
        """I6. ``body`` is a message that left its queue because it was dealt with: its trades are booked by then."""
        message = read_user_events(body)
        if not isinstance(message, UserFrames):
            return
        booked = self.universe.store.fills[message.account]
        for frame in message.frames:
            event = read_user(frame, message.account)
            fill = event.fill if isinstance(event, OrderChanged) else None
            if fill is not None and (fill.symbol, fill.trade_id) not in booked:
                what = f"trade {fill.trade_id} of {fill.symbol} was told, dealt with, and is not booked"
                yield Violation("I6", what)
