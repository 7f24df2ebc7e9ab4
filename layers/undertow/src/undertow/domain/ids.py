"""Identifiers, and how they are derived: the same signal always makes the same order."""

import base64
import hashlib
from typing import Final, NewType

Symbol = NewType("Symbol", str)
"""The venue's own string, for example ``BTCUSDT``. May hold non-ASCII letters: such listings exist."""

AccountId = NewType("AccountId", str)
StrategyId = NewType("StrategyId", str)
LiquidationId = NewType("LiquidationId", str)
PositionId = NewType("PositionId", str)
DecisionId = NewType("DecisionId", str)

ClientOrderId = NewType("ClientOrderId", str)
"""Ours. Aster admits ``^[\\.A-Z\\:/a-z0-9_-]{1,36}$``, unique among open orders only."""

VenueOrderId = NewType("VenueOrderId", int)
TradeId = NewType("TradeId", int)

OUR_PREFIX: Final = "ut-"
"""Every order this system places carries it, so that an order without it is somebody else's and is left alone."""


def digest_of(*parts: object) -> str:
    """26 lower-case base32 letters (130 bits) that identify ``parts``, which are joined unambiguously."""
    text = "\x1f".join([str(part) for part in parts])
    # 20 of the 32 bytes hold the 130 bits; encoding the rest would cost a third more on the path of every liquidation.
    return base64.b32encode(hashlib.sha256(text.encode()).digest()[:20])[:26].decode().lower()


def client_order_id(purpose_letter: str, *parts: object) -> ClientOrderId:
    """An id of 31 characters: our prefix, the purpose, and the digest of what caused the order."""
    return ClientOrderId(f"{OUR_PREFIX}{purpose_letter}-{digest_of(*parts)}")


def is_ours(order_id: str) -> bool:
    return order_id.startswith(OUR_PREFIX)
