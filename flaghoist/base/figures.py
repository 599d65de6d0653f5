"""Figures that parts of the server keep of themselves, and how Prometheus reads them."""

import bisect
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Kind = Literal["counter", "gauge", "histogram"]
Labels = Mapping[str, str]

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Where durations are told apart."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of a figure: ``suffix`` is what its name has beyond the figure's."""

    value: float
    labels: Labels = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A named figure in base units (seconds, bytes), with all its numbers."""

    name: str
    kind: Kind
    help: str
    samples: Sequence[Sample]


class Tally:
    """How often, or how much, of each sort; from any thread. Sorts are few and known beforehand."""

    def __init__(self, *names: str, known: Sequence[str] = ()) -> None:
        """``names`` are those of the labels that tell sorts apart; those ``known`` are told from the start, as 0."""
        self._names = names
        self._counts: dict[tuple[str, ...], float] = {(each,): 0 for each in known}
        self._lock = threading.Lock()

    def add(self, *sort: str, amount: float = 1) -> None:
        """Count one more, or an amount."""
        with self._lock:
            self._counts[sort] = self._counts.get(sort, 0) + amount

    def count(self, *sort: str) -> float:
        """How many of a sort there were."""
        return self._counts.get(sort, 0)

    def samples(self) -> list[Sample]:
        """A number for each sort that there was."""
        with self._lock:
            counts = sorted(self._counts.items())
        return [Sample(count, dict(zip(self._names, sort, strict=True))) for sort, count in counts]


class Spread:
    """How values spread: how many were at most each bound, how many in all, and their sum; from any thread."""

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        self._lock = threading.Lock()

    def add(self, value: float) -> None:
        """One value more."""
        place = bisect.bisect_left(self._bounds, value)
        with self._lock:
            self._counts[place] += 1
            self._sum += value

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self._counts)

    def samples(self, labels: Labels | None = None) -> list[Sample]:
        """The numbers of a histogram."""
        labels = labels or {}
        with self._lock:
            counts, total = list(self._counts), self._sum
        samples, below = [], 0
        for bound, count in zip((*map(repr, self._bounds), "+Inf"), counts, strict=True):
            below += count
            samples.append(Sample(below, {**labels, "le": bound}, "_bucket"))
        return [*samples, Sample(total, labels, "_sum"), Sample(below, labels, "_count")]


def merged(groups: Iterable[tuple[Labels, Iterable[Figure]]]) -> list[Figure]:
    """The figures of several sources as one list, each number with the labels of its source."""
    found: dict[str, Figure] = {}
    for labels, figures in groups:
        for figure in figures:
            known = found.get(figure.name, Figure(figure.name, figure.kind, figure.help, ()))
            more = [Sample(each.value, {**labels, **each.labels}, each.suffix) for each in figure.samples]
            found[figure.name] = Figure(figure.name, figure.kind, figure.help, [*known.samples, *more])
    return list(found.values())


def exposition(figures: Iterable[Figure]) -> str:
    """Prometheus's text format (version 0.0.4): what each figure means, then a line for each of its numbers."""
    lines: list[str] = []
    for figure in figures:
        lines.append(f"# HELP {figure.name} {_escaped(figure.help)}")
        lines.append(f"# TYPE {figure.name} {figure.kind}")
        lines += [f"{figure.name}{each.suffix}{_labels(each.labels)} {_number(each.value)}" for each in figure.samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    told = ",".join(f'{name}="{_escaped(value, quote=True)}"' for name, value in labels.items())
    return f"{{{told}}}"


def _escaped(text: str, *, quote: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quote else text


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
