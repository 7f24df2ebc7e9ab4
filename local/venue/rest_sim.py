"""What the venue itself has none of: the true log, and a way to turn faults. Loopback only, unsigned, unweighted."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from local.venue.credentials import Credentials
from local.venue.faults import UnknownFault
from local.venue.house import House
from local.venue.http import Json
from local.venue.parameters import Parameters
from local.venue.wire import balance_json, order_json, position_json, trade_json

from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import Leg
from undertow.domain.ids import AccountId
from undertow.domain.numbers import plain

SIM_PREFIX: Final = "/sim/"


@dataclass(slots=True)
class Inspection:
    """Answers the ``/sim`` paths."""

    house: House

    def handle(self, method: str, path: str, parameters: Parameters) -> Json:
        match method, path:
            case "GET", "/sim/report":
                return report(self.house)
            case "POST", "/sim/faults":
                return self._set_faults(parameters)
            case "POST", "/sim/expire-listen-key":
                self.house.listen_keys.expire(self.house.accounts[0].account)
                return {}
            case "POST", "/sim/deleverage":
                return self._deleverage(parameters)
        raise ExchangeError(-5000, f"Path {path}, Method {method} is invalid", 404)

    def _set_faults(self, parameters: Parameters) -> Json:
        try:
            self.house.faults.replace(parameters.text("faults"))
        except UnknownFault as error:
            raise ExchangeError(-1130, str(error)) from error
        return {fault.value: value for fault, value in self.house.faults.active.items()}

    def _deleverage(self, parameters: Parameters) -> Json:
        """Close a position as auto-deleveraging would."""
        house = self.house
        account = house.accounts[0].account
        leg = parameters.optional_choice("positionSide", Leg, -4060, "Invalid position side.") or Leg.BOTH
        position = house.exchange.account(account).position(parameters.symbol(), leg)
        quantity = min(parameters.decimal("quantity"), abs(position.amount))
        if quantity <= 0:
            raise ExchangeError(-2022, "There is no such position.")
        house.exchange.deleverage(account, position, quantity, house.now_ms)
        return {}


def report(house: House) -> Json:
    """Everything that ever happened, as the venue knows it."""
    progress = house.market.progress()
    return {
        "now": house.now_ms,
        "tape": {
            "name": progress.name,
            "positionMs": progress.position_ms,
            "lengthMs": progress.length_ms,
            "framesPlayed": progress.frames_played,
            "framesTotal": progress.frames_total,
            "finished": progress.finished,
        },
        "forceOrder": {
            "sent": progress.frames_sent,
            "distinct": progress.frames_sent_distinct,
            "ownLiquidations": house.own_liquidations,
        },
        "accounts": [_account(house, known) for known in house.accounts],
        "faults": {fault.value: count for fault, count in sorted(house.faults.counts.items())},
        "rest": {
            "requests": dict(sorted(house.requests.items())),
            "refusals": dict(sorted(house.refusals.items())),
            "whileToldToWait": house.limits.refused,
        },
        "protection": _protection(house),
    }


def _account(house: House, known: Credentials) -> Json:
    exchange, contracts = house.exchange, house.exchange.contracts()
    account, state = exchange.account(known.account), exchange.standing(known.account)
    floor = exchange.floor
    orders = list(floor.orders.of_account(account.id))
    uses = Counter(order.client_order_id for order in orders if not order.liquidates)
    return {
        "account": account.id,
        "balance": balance_json(account, state),
        "booked": _booked(house, account.id),
        "positions": [
            position_json(exchange, account, position, floor.mark(position.symbol))
            for position in account.open_positions()
        ],
        "orders": [order_json(order, contracts[order.symbol], queried=True) for order in orders],
        "openOrders": [order.client_order_id for order in exchange.open_orders(account.id)],
        "fills": [
            {**trade_json(trade), "clientOrderId": trade.client_order_id} for trade in exchange.trades(account.id)
        ],
        "reusedClientOrderIds": sorted(name for name, times in uses.items() if times > 1),
    }


def _booked(house: House, account: AccountId) -> Json:
    """Sums of everything that ever moved the wallet, by kind: together they are the wallet."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in house.exchange.incomes(account):
        sums[row.type.value] += row.amount
    return {kind: plain(total) for kind, total in sorted(sums.items())}


def _protection(house: House) -> Json:
    """Times without a stop in milliseconds: after opening, later, and those that last."""
    watch, now_ms = house.watch, house.now_ms
    return {
        "positionsOpened": watch.opened,
        "afterOpeningMs": [spell.length_ms(now_ms) for spell in watch.spells if spell.opened],
        "laterMs": [spell.length_ms(now_ms) for spell in watch.spells if not spell.opened],
        "endedByClosing": sum(spell.ended_by == "closed" for spell in watch.spells),
        "unprotectedNow": [
            {
                "account": spell.account,
                "symbol": spell.symbol,
                "positionSide": spell.leg.value,
                "side": "LONG" if spell.long else "SHORT",
                "forMs": spell.length_ms(now_ms),
            }
            for spell in watch.unprotected()
        ],
    }
