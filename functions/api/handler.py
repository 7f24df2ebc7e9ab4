"""The dashboard's API. The table of routes is ``undertow.api.routes``; importing this opens nothing."""

import os
import time
from pathlib import Path

from undertow.api.app import create_app
from undertow.api.by_path import by_path
from undertow.bootstrap import console_from_env
from undertow.premises import Premises, leaving

live_url = os.environ.get("UNDERTOW_LIVE_URL", "")
console = Premises(console_from_env)
app = create_app(console, Path(__file__).parent / "page", live_url, time.sleep)
lambda_handler = leaving(by_path(app), console.leave)
