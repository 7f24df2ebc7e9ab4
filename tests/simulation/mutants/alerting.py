"""Bugs in how people hear of what goes wrong."""

from tests.simulation.mutants.planted import one

CHECK = "services/check_heartbeats.py"
TELL = "services/tell_alert.py"

ALERTING = (
    one(
        "failed_route_counts_as_told",
        "a route that could not be reached is noted as having told",
        TELL,
        '                failed.append(f"{route.name}: {failure}")\n',
        "                self._note(alert, route)\n",
    ),
    one(
        "end_is_never_told",
        "people hear that something is wrong, and never that it is over",
        TELL,
        "    return alert.level in route.levels if alert.is_open else alert.heard_of(route.name)\n",
        "    return alert.is_open and alert.level in route.levels\n",
    ),
    one(
        "given_up_messages_are_not_seen",
        "messages that were given up wait for somebody, and nobody is told",
        CHECK,
        "            if depth:\n",
        "            if depth > 1_000:\n",
    ),
)
