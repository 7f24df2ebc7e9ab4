"""Once a minute: protection is looked at, expired entries go, the owner's switch is carried out."""

from undertow.bootstrap import desk_from_env
from undertow.entry import for_each_account, schedule_handler

lambda_handler = schedule_handler(for_each_account(desk_from_env, lambda desk: desk.manage))
