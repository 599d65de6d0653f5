"""Which engine answers for experiments, as set."""

from flaghoist.app.upgrading import CannotStart
from flaghoist.base.settings import Settings
from flaghoist.store.facts.engines.address import engine_at
from flaghoist.store.facts.engines.port import Engine


def analysis_engine(settings: Settings) -> Engine | None:
    """The engine of ``analysis_url``, not yet connected, or None for DuckDB; raises ``CannotStart``."""
    try:
        return engine_at(settings.analysis_url)
    except ValueError as error:
        raise CannotStart(str(error)) from None
