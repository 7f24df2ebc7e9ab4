"""Bugs in what an entry must pass before it is sent."""

from tests.simulation.mutants.planted import Edit, Mutant, one

LEDGER = "adapters/memory/ledger.py"
ACCOUNT = "domain/account.py"
PLACE = "services/place_order.py"
EVALUATE = "services/evaluate.py"
CHECKS = "risk/checks.py"

CLAIMING = (
    one(
        "claim_without_pause_check",
        "an entry is claimed after the owner paused",
        LEDGER,
        "        if not store.control(account).admits_entries:\n            return ClaimOutcome.PAUSED\n",
        "",
    ),
    one(
        "entries_in_close_only",
        "close-only lets entries through",
        ACCOUNT,
        "        return self.switch is Switch.RUNNING",
        "        return self.switch in (Switch.RUNNING, Switch.CLOSE_ONLY)",
    ),
    one(
        "entries_while_flattening",
        "a flatten lets entries through",
        ACCOUNT,
        "        return self.switch is Switch.RUNNING",
        "        return self.switch in (Switch.RUNNING, Switch.FLATTEN)",
    ),
    one(
        "claim_ignores_slot_version",
        "two entries claim the same slot at once",
        LEDGER,
        "        if not self._is_current(claim.slot_before):\n            return ClaimOutcome.SLOT_MOVED\n",
        "",
    ),
    Mutant(
        "no_cap_on_the_account",
        "an account's caps on notional and margin hold nobody back",
        (
            Edit(
                LEDGER,
                "        if totals.margin > room(claim.max_total_margin, change.margin):\n",
                "        if False:\n",
            ),
            Edit(
                LEDGER,
                "        if totals.notional > room(claim.max_total_notional, change.notional):\n",
                "        if False:\n",
            ),
            Edit(
                CHECKS,
                "    totals = case.exposure.snapshot.totals\n",
                "    return None\n    totals = case.exposure.snapshot.totals\n",
            ),
        ),
    ),
    Mutant(
        "totals_not_checked_in_the_claim",
        "two entries at once exceed the account's caps together",
        (
            Edit(
                LEDGER,
                "        if totals.margin > room(claim.max_total_margin, change.margin):\n",
                "        if False:\n",
            ),
            Edit(
                LEDGER,
                "        if totals.notional > room(claim.max_total_notional, change.notional):\n",
                "        if False:\n",
            ),
        ),
    ),
    Mutant(
        "no_limit_on_positions",
        "more symbols are traded than the owner allowed",
        (
            Edit(
                LEDGER,
                "        if claim.max_positions and change.slots > 0 and totals.slots >= claim.max_positions:\n",
                "        if False:\n",
            ),
            Edit(CHECKS, "        limit == 0\n", "        limit >= 0\n"),
        ),
    ),
    one(
        "position_limit_not_in_the_claim",
        "two entries at once open one symbol too many",
        LEDGER,
        "        if claim.max_positions and change.slots > 0 and totals.slots >= claim.max_positions:\n",
        "        if False:\n",
    ),
    one(
        "entry_reserves_nothing",
        "an entry under way takes nothing of the caps",
        PLACE,
        "        intent.notional,\n        intent.margin,\n",
        "        intent.notional * 0,\n        intent.margin * 0,\n",
    ),
    Mutant(
        "stale_signal_traded",
        "a signal that waited in the queue is traded all the same, at the price of then",
        (
            Edit("strategies/hunter.py", "    if age_ms > max_age_ms:\n", "    if False:\n"),
            Edit(CHECKS, "    if 0 <= left_ms <= longest_ms + MAX_CLOCK_LEAD_MS:\n", "    if True:\n"),
            Edit(CHECKS, "    if -MAX_CLOCK_LEAD_MS <= age_ms <= MAX_QUOTE_AGE_MS:\n", "    if True:\n"),
        ),
    ),
    one(
        "cooldown_ignored",
        "a strategy enters again without its pause",
        EVALUATE,
        "        if cooldown_ms > 0 and (slot.ladder is None or slot.position is None):",
        "        if False:",
    ),
    one(
        "refusals_not_recorded",
        "why nothing was done is not on record",
        EVALUATE,
        "self.decisions.record(decision for decision in made if decision.outcome is not Outcome.TAKEN)",
        "self.decisions.record(decision for decision in made if decision.outcome is Outcome.SIMULATED)",
    ),
    one(
        "taken_decision_not_in_the_claim",
        "an entry without the record of why",
        LEDGER,
        "            self.store.decisions[claim.decision.account][claim.decision.id] = claim.decision\n",
        "",
    ),
)
