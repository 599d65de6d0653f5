"""What one step of compaction reads: the facts of many bodies, by environment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flaghoist.ingest.parse import Haul, Identity
from flaghoist.store.batches import StoredBatch
from flaghoist.store.facts.rows import Exposure, Outcome
from flaghoist.store.facts.superseded import Superseded
from flaghoist.store.facts.tally import Tally

Parse = Callable[..., Haul]
"""As ``parse.parse``."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """By environment, what came; and what is to be counted of it."""

    exposures: dict[str, list[Exposure]] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    identities: dict[str, list[Identity]] = field(default_factory=dict)
    superseded: list[Superseded] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    put_off: list[int] = field(default_factory=list)
    """The positions of batches that are left out."""

    def add(self, environment: str, haul: Haul) -> None:
        """What one body gave."""
        if haul.exposures:
            self.exposures.setdefault(environment, []).extend(haul.exposures)
        if haul.outcomes:
            self.outcomes.setdefault(environment, []).extend(haul.outcomes)
        if haul.identities:
            self.identities.setdefault(environment, []).extend(haul.identities)


@dataclass(frozen=True, slots=True)
class Gathering:
    """``put_off`` is told of a batch that cannot be read for a mistake of ours, and why; the others go on."""

    parse: Parse
    max_lateness_ms: int
    put_off: Callable[[StoredBatch, Exception], None]

    def of_all(self, batches: Sequence[StoredBatch]) -> Gathered:
        """Of all that can be read."""
        skipped: set[int] = set()
        while True:
            gathered = Gathered(put_off=sorted(skipped))
            for stored in batches:
                if stored.position in skipped:
                    continue
                try:
                    haul = self._haul(stored, gathered)
                except Exception as error:
                    self.put_off(stored, error)
                    skipped.add(stored.position)
                    break  # it may be half counted: begin again without it
                gathered.add(stored.batch.environment_id, haul)
            else:
                return gathered

    def of_one(self, stored: StoredBatch) -> Gathered:
        """Of one that was put off; raises whatever is still wrong with it."""
        gathered = Gathered()
        haul = self.parse(stored, gathered.tally, max_lateness_ms=self.max_lateness_ms)
        gathered.add(stored.batch.environment_id, haul)
        return gathered

    def _haul(self, stored: StoredBatch, gathered: Gathered) -> Haul:
        """The facts of a batch; what supersedes a copy that was moved on before was tallied with that."""
        gone = dict(stored.supersedes)
        if not gone:
            return self.parse(stored, gathered.tally, max_lateness_ms=self.max_lateness_ms)
        haul = self.parse(stored, Tally(), max_lateness_ms=self.max_lateness_ms)
        facts: list[Exposure | Outcome] = [*haul.exposures, *haul.outcomes]
        for fact in facts:
            if (place := fact.position - stored.position) in gone:
                gathered.superseded.append(Superseded(stored.batch.environment_id, gone[place], fact.unit))
        self.parse(stored.without_superseding, gathered.tally, max_lateness_ms=self.max_lateness_ms)
        return haul
