"""What this process takes of the machine, under the names that Prometheus's own clients use."""

import gc
import resource
import time
from pathlib import Path

from flaghoist.base import clock
from flaghoist.base.figures import Figure, Kind, Sample

_SELF = Path("/proc/self")


class Machine:
    """Memory, processor time, descriptors and garbage collection."""

    def __init__(self) -> None:
        self._started_at = clock.now_ms() / 1000
        self._collecting_since = 0.0
        self._collecting_seconds = 0.0

    def start(self) -> None:
        """Begin to time collections."""
        gc.callbacks.append(self._collected)

    def stop(self) -> None:
        """Time them no more."""
        gc.callbacks.remove(self._collected)

    def figures(self) -> list[Figure]:
        """As they are now; what only Linux tells is left out elsewhere."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        found = [
            _one("process_cpu_seconds_total", "counter", "Processor time used.", used.ru_utime + used.ru_stime),
            _one("process_start_time_seconds", "gauge", "When the process began, since 1970.", self._started_at),
            _one("process_max_fds", "gauge", "Descriptors it may have.", resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
            _one(
                "flaghoist_gc_seconds_total", "counter", "Seconds spent looking for garbage.", self._collecting_seconds
            ),
            Figure(
                "flaghoist_gc_collections_total",
                "counter",
                "Collections of garbage, by generation.",
                [
                    Sample(each["collections"], {"generation": str(generation)})
                    for generation, each in enumerate(gc.get_stats())
                ],
            ),
        ]
        if _SELF.exists():
            pages = int((_SELF / "statm").read_text().split()[1])
            found.append(
                _one("process_resident_memory_bytes", "gauge", "Memory in use.", pages * resource.getpagesize())
            )
            found.append(_one("process_open_fds", "gauge", "Descriptors in use.", len(list((_SELF / "fd").iterdir()))))
        return found

    def _collected(self, phase: str, _told: dict[str, int]) -> None:
        # No lock: a collection may begin anywhere, also where one is held.
        if phase == "start":
            self._collecting_since = time.perf_counter()
        else:
            self._collecting_seconds += time.perf_counter() - self._collecting_since


def _one(name: str, kind: Kind, text: str, value: float) -> Figure:
    return Figure(name, kind, text, [Sample(value)])
