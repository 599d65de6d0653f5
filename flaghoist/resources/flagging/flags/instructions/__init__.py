"""The verbs of semantic patch for flags, each a small edit of a draft."""

from flaghoist.resources.flagging.flags.instructions import (  # noqa: F401 - each module adds its verbs
    clauses,
    lifecycle,
    prerequisites,
    rules,
    settings,
    switches,
    targets,
    variations,
)
from flaghoist.resources.flagging.flags.instructions.draft import VERBS

__all__ = ["VERBS"]
