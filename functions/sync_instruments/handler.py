"""Once an hour: trading rules are fetched, and the settings of every traded symbol are verified at the venue."""

from undertow.bootstrap import desk_from_env
from undertow.entry import schedule_handler
from undertow.premises import Premises, leaving

desk = Premises(desk_from_env)
lambda_handler = leaving(schedule_handler(lambda: desk().sync_instruments), desk.leave)
