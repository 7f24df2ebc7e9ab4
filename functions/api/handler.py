"""The dashboard's API. The table of routes is ``undertow.api.routes``; importing this opens nothing."""

import os
from pathlib import Path

from undertow.api.app import create_app
from undertow.bootstrap import console_from_env

app = create_app(console_from_env, Path(__file__).parent / "page", os.environ.get("UNDERTOW_LIVE_URL", ""))
lambda_handler = app
