"""What the recording of the liquidation feed lacks: windows and charts over a gap say so instead of showing quiet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordingGap:
    """From ``from_ms`` to ``to_ms`` no liquidation could have been heard. ``reason`` is as shown to people."""

    from_ms: int
    to_ms: int
    reason: str
