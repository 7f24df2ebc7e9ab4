"""``make fuzz-api``: cases from the document against the real API; one JSON line, and non-zero for a finding."""

import argparse
import logging
import sys
import time

from tests.fuzz_api.cases import Fuzz, line


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    began_s = time.monotonic()
    tally = Fuzz(asked.seed).run(asked.cases)
    for kind, found in (("failed", tally.failed), ("changed", tally.changed)):
        for where, told in found.items():
            sys.stderr.write(f"{kind}: {where}\n    {told}\n")
    sys.stdout.write(line(tally, asked.seed, time.monotonic() - began_s) + "\n")
    return 1 if tally.failed or tally.changed else 0


if __name__ == "__main__":
    sys.exit(main())
