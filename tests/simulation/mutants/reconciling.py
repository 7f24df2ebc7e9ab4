"""Bugs in how the ledger is made equal to the venue."""

from tests.simulation.mutants.planted import Edit, Mutant, one

LEDGER = "adapters/memory/ledger.py"
LEASES = "adapters/memory/leases.py"
SETTLE = "services/settle_differences.py"
READING = "services/reading.py"
IMPORT = "services/import_fills.py"

RECONCILING = (
    one(
        "failed_read_is_an_empty_account",
        "a read that failed closes every position of the ledger",
        READING,
        "    return {(position.symbol, position.side): position for position in venue.fetch_positions()}",
        "    try:\n"
        "        return {(position.symbol, position.side): position for position in venue.fetch_positions()}\n"
        "    except Exception:\n"
        "        return {}",
    ),
    one(
        "adoption_doubles_the_quantity",
        "a position opened by hand is taken over twice as large",
        SETTLE,
        "            side=seen.side,\n            quantity=seen.quantity,",
        "            side=seen.side,\n            quantity=seen.quantity * 2,",
    ),
    Mutant(
        "what_others_open_is_never_seen",
        "positions opened by hand are neither booked from their trades nor adopted",
        (
            Edit(
                SETTLE,
                "        if seen is None or slot.position is not None or self._fills_under_way(slot):",
                "        if True:",
            ),
            Edit(
                IMPORT,
                "            if order is None and self._may_be_ours(trade, known):",
                "            if order is None:",
            ),
        ),
    ),
    one(
        "ghosts_stay",
        "positions that are gone are never closed in the ledger",
        SETTLE,
        "        return read_at_ms - since_ms >= doubt_ms",
        "        return False",
    ),
    one(
        "first_reading_believed",
        "one reading that differs sets the position",
        SETTLE,
        "        if since_ms is None or (since_ms < position.updated_at_ms and position.questioned_by != apart):",
        "        if since_ms is None:\n            return True\n"
        "        if since_ms < position.updated_at_ms and position.questioned_by != apart:",
    ),
    one(
        "lease_taken_from_its_holder",
        "two reconciliations run at once",
        LEASES,
        "            if known is not None and not known.is_free(now_ms):\n                return None\n",
        "",
    ),
    one(
        "epoch_does_not_grow",
        "a run that was replaced cannot be told from its successor",
        LEASES,
        "1 if known is None else known.epoch + 1",
        "1",
    ),
    one(
        "corrections_not_written",
        "quantities are set without a record of it",
        LEDGER,
        "            if entry.correction is not None:",
        "            if False:",
    ),
)
