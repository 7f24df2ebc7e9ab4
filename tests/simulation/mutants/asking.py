"""Bugs in how it is done what a person asks of a position."""

from tests.simulation.mutants.planted import Edit, Mutant, one

ASK = "services/ask_request.py"
CARRY_OUT = "services/carry_out.py"
CLOSE = "services/close_position.py"
HOLD = "services/hold_layers.py"
LADDER = "domain/ladder.py"
MOVE = "services/move_stop.py"
REQUESTS = "adapters/memory/requests.py"

ASKING = (
    one(
        "request_carried_out_again",
        "a request that has ended is done once more when its row comes again",
        CARRY_OUT,
        "        if request is None or request.state.is_final:\n            return request\n",
        "        if request is None:\n            return request\n",
    ),
    one(
        "asked_exit_has_a_name_of_the_moment",
        "a part of a position is closed again by whoever takes the request up",
        CLOSE,
        '"asked", cause, piece)',
        '"asked", cause, piece, self.clock.now_ms())',
    ),
    one(
        "request_begun_by_nobody",
        "the figures of a request are not kept before something is sent",
        CARRY_OUT,
        "        if self.requests.update(begun):\n            return begun\n",
        "        return begun\n",
    ),
    Mutant(
        "risk_grows_unconfirmed",
        "a stop is loosened, or layers are let go on, without a confirmation",
        (
            Edit(ASK, "        if meant.grows_by > 0 and not wish.confirmed:\n", "        if False:\n"),
            Edit(CARRY_OUT, "        if meant.grows_by > 0 and not request.confirmed:\n", "        if False:\n"),
        ),
    ),
    one(
        "frozen_ladder_goes_on",
        "layers are added to a ladder that a person has frozen",
        LADDER,
        "        return self.frozen_at_ms is not None or self.held_at_ms is not None\n",
        "        return self.frozen_at_ms is not None\n",
    ),
    one(
        "freeze_is_only_said",
        "a freeze is reported as done and nothing was frozen",
        HOLD,
        "slot.with_held_ladder(self.clock.now_ms()) if freezing",
        "slot if freezing",
    ),
    one(
        "asked_without_a_trace",
        "a request of a person leaves no audit row",
        ASK,
        "        self._record(wish, position, meant)\n",
        "",
    ),
    one(
        "asked_stop_is_not_written",
        "a moved stop is forgotten as soon as somebody looks at the position again",
        MOVE,
        "replace(position, trailed_stop=price)",
        "replace(position, best_price=position.best_price)",
    ),
)
