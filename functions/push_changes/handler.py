"""Rows of the tables as they change become news, while somebody looks."""

from undertow.bootstrap import record_news_from_env
from undertow.entry import changes_handler

lambda_handler = changes_handler(record_news_from_env)
