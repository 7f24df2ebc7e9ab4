"""Once a minute, apart from all it looks at: is the worker alive, are the accounts being seen to?"""

from undertow.bootstrap import check_heartbeats_from_env
from undertow.entry import schedule_handler

lambda_handler = schedule_handler(check_heartbeats_from_env)
