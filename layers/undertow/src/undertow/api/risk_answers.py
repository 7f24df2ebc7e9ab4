"""What stands in the way of entries, what is at risk, and what is advised."""

from collections.abc import Mapping
from typing import Final

from undertow.api.call import Answer

ANSWERS: Final[Mapping[str, Answer]] = {}
