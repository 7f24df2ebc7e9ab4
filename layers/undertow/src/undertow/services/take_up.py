"""Take up again what was put off: an unconfirmed order, an entry that may fill, its end, a position's protection."""

from dataclasses import dataclass

from undertow.domain.account import Account
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.services.check_entry import CheckEntry
from undertow.services.expire_order import ExpireOrder
from undertow.services.guard_position import GuardPosition
from undertow.services.protect import Protect
from undertow.services.resolve_unconfirmed import ResolveUnconfirmed


@dataclass(frozen=True, slots=True)
class TakeUp:
    resolve: ResolveUnconfirmed
    check_entry: CheckEntry
    expire: ExpireOrder
    guard: GuardPosition
    protect: Protect

    def __call__(self, account: Account, follow_up: FollowUp, *, is_repeated: bool = False) -> None:
        """``is_repeated`` says that the queue handed it out before, to whatever end."""
        match follow_up.kind:
            case FollowUpKind.CHECK_PROTECTION:
                self.guard(
                    account, follow_up.symbol, follow_up.position_side, follow_up.attempt, is_repeated=is_repeated
                )
            case FollowUpKind.RESOLVE_UNCONFIRMED if follow_up.order is not None:
                self.resolve(account, follow_up.order, follow_up.attempt)
                # What was found may be a stop that stands, or an entry that has filled: both concern the position.
                self.protect(account, follow_up.symbol, follow_up.position_side)
            case FollowUpKind.CHECK_ENTRY if follow_up.order is not None:
                self.check_entry(account, follow_up.order, follow_up.attempt, is_repeated=is_repeated)
            case FollowUpKind.EXPIRE_ORDER if follow_up.order is not None:
                self.expire(account, follow_up.order)
            case _:
                raise ValueError(f"a follow-up of kind {follow_up.kind} must name an order")
