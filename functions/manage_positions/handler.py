"""Once a minute: protection is looked at, expired entries go, the owner's switch is carried out."""

from undertow.bootstrap import desk_from_env
from undertow.entry import for_each_account, schedule_handler
from undertow.premises import Premises, leaving

desk = Premises(desk_from_env)
lambda_handler = leaving(schedule_handler(for_each_account(desk, lambda desk: desk.manage)), desk.leave)
