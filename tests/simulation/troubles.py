"""Everything that the venue, the market and the owner's own hands do to us, by name.

All of it goes through the venue's real operations, so its true records stay consistent; chance comes from the scene.
"""

from typing import Final

from tests.simulation.closures import CLOSURES
from tests.simulation.closures import all_is_open as all_is_open
from tests.simulation.hands import HANDS
from tests.simulation.scene import Scene as Scene
from tests.simulation.scene import Trouble as Trouble
from tests.simulation.shocks import SHOCKS

TROUBLES: Final[tuple[Trouble, ...]] = (*HANDS, *SHOCKS, *CLOSURES)
