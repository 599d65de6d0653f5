"""Prerequisites: what other flags must serve before a flag looks at a context."""

from collections.abc import Callable

from flaghoist.evaluation import reasons, wire
from flaghoist.evaluation.compiled import Kinds, Trail
from flaghoist.evaluation.outcomes import Outcomes
from flaghoist.evaluation.reasons import Result

Unmet = Callable[[Kinds, Trail], Result | None]


def compile_prerequisites(flag: wire.Item, outcomes: Outcomes) -> Unmet | None:
    """A function to the result of the first prerequisite that fails (None: all are met), or None if there are none.

    Raises ``Malformed``, and so does the function when flags depend on each other in a circle.
    """
    own_key = wire.required_text(flag, "key")
    prerequisites = [
        (key, wire.required_whole(prerequisite, "variation"), outcomes.off(reasons.prerequisite_failed(key)))
        for prerequisite in wire.items(flag, "prerequisites")
        for key in [wire.required_text(prerequisite, "key")]
    ]
    here = (own_key,)
    if not prerequisites:
        return None

    def unmet(kinds: Kinds, trail: Trail) -> Result | None:
        survey = trail.survey
        before = trail.flag_path
        path = trail.flag_path = before + here
        failed = None
        for key, variation, failure in prerequisites:
            if key in path:
                raise wire.Malformed(f"flag {own_key!r} depends on itself through prerequisite {key!r}")
            if survey is not None and not before:
                survey.prerequisites += (key,)
            other = trail.flags.get(key)
            # A flag that is off meets nothing, whatever its off variation.
            if other is None or not other.on:
                failed = failure
                break
            result = other.decide(kinds, trail) if survey is None else survey.result(other, kinds, trail)
            if result.variation != variation:
                failed = failure
                break
        trail.flag_path = before
        return failed

    return unmet
