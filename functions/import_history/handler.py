"""Once a minute: the venue's trades and incomes are imported, as far as their share of the requests goes."""

from undertow.bootstrap import desk_from_env
from undertow.entry import for_each_account, schedule_handler
from undertow.premises import Premises, leaving

desk = Premises(desk_from_env)
lambda_handler = leaving(schedule_handler(for_each_account(desk, lambda desk: desk.import_history)), desk.leave)
