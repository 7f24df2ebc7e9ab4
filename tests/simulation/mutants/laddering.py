"""Bugs in what the layers of a ladder reserve."""

from tests.simulation.mutants.planted import Edit, Mutant, one

POSITION = "domain/position.py"
LADDER = "domain/ladder.py"

LADDERS = (
    one(
        "ladder_reserve_not_kept",
        "the layers to come reserve nothing",
        POSITION,
        "        if unclaimed > 0:\n            kept[key]",
        "        if False:\n            kept[key]",
    ),
    one(
        "layer_claimed_twice",
        "a layer may be bought again and again",
        LADDER,
        "        return replace(self, orders={**self.orders, layer: order}, last_layer_at_ms=now_ms)",
        "        return replace(self, last_layer_at_ms=now_ms)",
    ),
    Mutant(
        "filled_layer_is_free_again",
        "a layer that filled may be bought again",
        (
            Edit(
                LADDER,
                "        if self.orders.get(layer) != order or layer in self.filled:",
                "        if self.orders.get(layer) != order:",
            ),
            Edit(
                POSITION,
                "        elif ladder is not None and entry.ladder == ladder.plan.id:",
                "        if ladder is not None and entry.ladder == ladder.plan.id:",
            ),
        ),
    ),
)
