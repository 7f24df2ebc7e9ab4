"""The machine's clock. Containers and functions keep it right by NTP; the venue's offset is measured apart."""

import time


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000
