"""The last thing that goes wrong before all is calm: what it breaks must be whole again at rest."""

from collections.abc import Callable
from typing import Final

from tests.simulation.hands import adds, cancels_stop, cancels_target, closes, opens, reduces
from tests.simulation.scene import Scene

BLOWS: Final[tuple[Callable[[Scene], bool], ...]] = (
    cancels_stop,
    cancels_stop,
    cancels_target,
    opens,
    adds,
    reduces,
    closes,
)


def last_blow(scene: Scene) -> None:
    """One, drawn from those that have something to strike."""
    left = list(BLOWS)
    while left and not left.pop(scene.random.randrange(len(left)))(scene):
        pass
