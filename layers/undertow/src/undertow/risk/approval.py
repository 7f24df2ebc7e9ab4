"""The two outcomes of a review. ``Venue.submit`` takes only an ApprovedOrder, so an unreviewed order cannot be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from undertow.domain.account import PositionMode
from undertow.domain.decision import LayerReading
from undertow.domain.instrument import Instrument
from undertow.domain.order import OrderIntent


@final
@dataclass(frozen=True, slots=True)
class ApprovedOrder:
    """An intent that passed every gate. Made by ``undertow.risk.gate`` only."""

    intent: OrderIntent
    instrument: Instrument
    position_mode: PositionMode
    layers: tuple[LayerReading, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Refusal:
    """Our own no. ``gate`` names the check, ``inputs`` and ``thresholds`` what it compared, as shown to people.

    ``layers`` are the readings of the eight layers, empty when the review never came that far.
    """

    gate: str
    reason: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    thresholds: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[LayerReading, ...] = ()
