"""Sockets of open pages: what they say comes in by the gateway, and word of news by a queue."""

from undertow.bootstrap import live_from_env
from undertow.live_door import live_door

lambda_handler = live_door(live_from_env)
