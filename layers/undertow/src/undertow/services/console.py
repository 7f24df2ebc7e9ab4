"""What a person may look at and do, whether from the page or from a terminal."""

from dataclasses import dataclass

from undertow.services.configure import Configure
from undertow.services.set_switch import SetSwitch
from undertow.services.views.sources import Sources


@dataclass(frozen=True, slots=True)
class Console:
    sources: Sources
    configure: Configure
    set_switch: SetSwitch
