"""Once an hour: do the venue's records explain what is in the wallet?"""

from undertow.bootstrap import check_books_from_env
from undertow.entry import schedule_handler

lambda_handler = schedule_handler(lambda: check_books_from_env().every)
