"""What comes through the notifications queue, and who takes it."""

from dataclasses import dataclass

from undertow.domain.alert import Over, Raised, RouteTrial
from undertow.services.carry_out_trial import CarryOutTrial
from undertow.services.tell_alert import TellAlert


@dataclass(frozen=True, slots=True)
class Switchboard:
    tell: TellAlert
    carry_out_trial: CarryOutTrial

    def __call__(self, notification: Raised | Over | RouteTrial) -> None:
        """Safe to repeat. Raises NotTold when a route is behind."""
        if isinstance(notification, RouteTrial):
            self.carry_out_trial(notification)
        else:
            self.tell(notification)
