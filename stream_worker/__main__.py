"""``python -m stream_worker``: runs until SIGTERM or SIGINT, then flushes and leaves."""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

from stream_worker.compose import SERVICE, worker_from_env
from undertow.adapters.aws.credentials import NoCredentials
from undertow.observability import configure_logging
from undertow.settings import MissingSetting

logger = logging.getLogger("stream_worker")

THREADS = 4
"""For listen keys, parameters and name look-ups. Each thread costs memory for good."""


def settle() -> None:
    """What was made until now lives as long as the process: no collection need ever look at it again."""
    gc.collect()
    gc.freeze()


async def serve(env: Mapping[str, str]) -> None:
    redactor = configure_logging(SERVICE, env.get("UNDERTOW_STAGE", ""), env.get("LOG_LEVEL", "INFO"))
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "blocking"))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with worker_from_env(env, redactor) as (worker, heartbeat):
        settle()
        await worker.run(stop, heartbeat)


def log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Instead of a bare traceback: one line, redacted. ECS then starts another worker."""
    logger.critical("worker failed", exc_info=(kind, error, trace))


def main() -> int:
    sys.excepthook = log_crash
    try:
        asyncio.run(serve(os.environ))
    except (MissingSetting, NoCredentials):
        logger.exception("cannot start")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
