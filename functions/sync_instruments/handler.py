"""Once an hour: trading rules are fetched, and the settings of every traded symbol are verified at the venue."""

from undertow.bootstrap import desk_from_env
from undertow.entry import schedule_handler

lambda_handler = schedule_handler(lambda: desk_from_env().sync_instruments)
