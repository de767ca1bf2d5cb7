"""How many calls may be in flight: as many as waiting hides, up to a limit.

Calls wait side by side, but Python works on one at a time: more of them than keep the processor busy only take turns,
and every turn costs. So the number falls while the process works all of the time, and rises once it waits.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

_SHORTEST = 0.02  # seconds over which the processor's share says anything
_PATIENCE = 0.25  # seconds
_FEWEST = 32  # answers before the number falls: what one store needs is asked for at full width
_BUSY = 0.95  # of the time
_IDLE = 0.75  # below this, another call costs less than waiting for the one that is in flight
_AIM = 0.9


class Permits:
    """Permits for threads that make calls; safe to use from all of them."""

    def __init__(
        self,
        most: int,
        *,
        clock: Callable[[], float] = time.perf_counter,
        processor: Callable[[], float] = time.process_time,
    ) -> None:
        self._most = self.limit = most  # `limit` may be held now
        self._clock, self._processor = clock, processor
        self._held = 0
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._start, self._before, self._answers = clock(), processor(), 0

    def wait(self) -> None:
        """Take one as soon as there is one. A server that hangs gives no answer to look by: whoever waits looks too."""
        with self._lock:
            while not self._changed.wait_for(self._free, _PATIENCE):
                self._look()
            self._held += 1

    def take(self) -> bool:
        """Take one if there is one now."""
        with self._lock:
            free = self._free()
            self._held += free
            return free

    def give_back(self) -> None:
        """Let the next one have it."""
        with self._lock:
            self._held -= 1
            self._changed.notify()

    def answered(self) -> None:
        """One call has come back: a moment to look at how busy the process is."""
        with self._lock:
            self._answers += 1
            self._look()

    def _look(self) -> None:
        now = self._clock()
        if now - self._start < _SHORTEST:
            return
        worked = self._processor()
        share = (worked - self._before) / (now - self._start)
        if share >= _IDLE and self._answers < _FEWEST:
            return
        if share < _IDLE:
            self.limit = min(self._most, math.ceil(self.limit * _AIM / max(share, _AIM / self._most)))
            self._changed.notify_all()
        elif share > _BUSY:
            self.limit = max(1, self.limit // 2)
        self._start, self._before, self._answers = now, worked, 0

    def _free(self) -> bool:
        return self._held < self.limit
