"""The user data stream in; fills booked and positions protected."""

from collections.abc import Callable, Iterator

from undertow.adapters.aster.strict import BadFrame
from undertow.adapters.aster.user_messages import read_user
from undertow.adapters.sqs.messages import UserFrames, read_user_events
from undertow.bootstrap import desk_from_env, user_events_redelivery_from_env
from undertow.desk import Desk
from undertow.domain.event import AccountChanged, ConfigChanged, MarginCalled, OrderChanged, StreamGap, UserEvent
from undertow.entry import Delivery, sqs_handler
from undertow.ports import AlertLevel
from undertow.premises import Premises, leaving


def door(desk: Desk) -> Callable[[Delivery], None]:
    def handle(delivery: Delivery) -> None:
        message = read_user_events(delivery.body)
        account = desk.account(message.account)
        for event in [message] if isinstance(message, StreamGap) else events(message, desk):
            desk.track(account, event)

    return handle


def events(message: UserFrames, desk: Desk) -> Iterator[UserEvent]:
    """Frames as events. One that cannot be read is set aside with an alert: it must not hold up those behind it."""
    for frame in message.frames:
        try:
            event = read_user(frame, message.account)
        except BadFrame as bad:
            desk.notifier.alert(
                AlertLevel.HIGH, "user_frame_unreadable", str(bad), {"account": message.account, "frame": frame[:500]}
            )
            continue
        if isinstance(event, OrderChanged | AccountChanged | MarginCalled | ConfigChanged):
            yield event


desk = Premises(desk_from_env)
lambda_handler = leaving(
    sqs_handler(lambda: door(desk()), fifo=True, redelivery=user_events_redelivery_from_env), desk.leave
)
