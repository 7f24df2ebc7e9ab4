"""The planted bugs, by what they are about."""

from tests.simulation.mutants.alerting import ALERTING
from tests.simulation.mutants.asking import ASKING
from tests.simulation.mutants.booking import BOOKS
from tests.simulation.mutants.claiming import CLAIMING
from tests.simulation.mutants.laddering import LADDERS
from tests.simulation.mutants.protecting import PROTECTING
from tests.simulation.mutants.reconciling import RECONCILING
from tests.simulation.mutants.resolving import RESOLVING
from tests.simulation.mutants.sending import SENDING

MUTANTS = (*SENDING, *CLAIMING, *BOOKS, *RESOLVING, *PROTECTING, *RECONCILING, *LADDERS, *ASKING, *ALERTING)
