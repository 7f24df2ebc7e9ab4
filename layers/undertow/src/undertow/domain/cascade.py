"""What the worker last measured of the cascades of a whole venue, for the page, the blocks and the recommendations."""

from collections.abc import Mapping
from dataclasses import dataclass

from undertow.domain.conditions import AggregateCascade, CascadeFormula, CascadeReading
from undertow.domain.ids import Symbol
from undertow.domain.market import Venue


@dataclass(frozen=True, slots=True)
class CascadeState:
    """Written by the worker when a colour changes, and every few seconds. ``symbols`` are the monitored ones."""

    venue: Venue
    measured_at_ms: int
    open_interest_served: bool
    aggregates: Mapping[CascadeFormula, AggregateCascade]
    symbols: Mapping[Symbol, Mapping[CascadeFormula, CascadeReading]]
