"""Lets through what the bearer token's scopes allow. Importing this opens nothing."""

from undertow.api.authorize import authorizer
from undertow.bootstrap import callers_from_env

lambda_handler = authorizer(callers_from_env)
