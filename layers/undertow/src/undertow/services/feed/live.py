"""What is done for open sockets."""

from dataclasses import dataclass

from undertow.services.feed.listen import Listen
from undertow.services.feed.push import PushNews


@dataclass(frozen=True, slots=True)
class Live:
    listen: Listen
    push: PushNews
