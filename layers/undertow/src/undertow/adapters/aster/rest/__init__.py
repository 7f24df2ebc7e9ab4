"""The raw client: one method per endpoint, with the venue's names for methods' parameters and for what they return.

Nothing here interprets: answers are decoded JSON in the venue's shape. ``venue`` and ``parse`` turn them into ours.
"""

from undertow.adapters.aster.rest.account import AccountApi
from undertow.adapters.aster.rest.market import MarketApi
from undertow.adapters.aster.rest.orders import OrdersApi
from undertow.adapters.aster.rest.strategies import StrategiesApi
from undertow.adapters.aster.rest.user_stream import UserStreamApi
from undertow.adapters.aster.rest.wire import Wire


class AsterRest:
    """The five parts of the API over one wire. Every method raises the errors of ``aster.errors``."""

    def __init__(self, wire: Wire) -> None:
        self.market = MarketApi(wire)
        self.orders = OrdersApi(wire)
        self.strategies = StrategiesApi(wire)
        self.account = AccountApi(wire)
        self.user_stream = UserStreamApi(wire)


__all__ = ["AccountApi", "AsterRest", "MarketApi", "OrdersApi", "StrategiesApi", "UserStreamApi", "Wire"]
