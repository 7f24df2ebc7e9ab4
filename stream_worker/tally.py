"""What the worker counts. One plain object, written where things happen and read by the heartbeat."""

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Tally:
    """Everything since the start. ``liquidations_in`` are distinct ones; repetitions are ``duplicates``."""

    frames_in: int = 0
    liquidations_in: int = 0
    duplicates: int = 0
    forwarded: int = 0
    mark_frames: int = 0
    user_frames: int = 0
    quarantined: int = 0
    reconnects: int = 0
    gaps: int = 0
    stored: int = 0
    store_dropped: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)
