"""What was received and does not count, by its reason, in numbers and in words."""

from typing import Any

from flaghoist.store.facts.answer import Answer

Body = dict[str, Any]


def counts(answer: Answer) -> dict[str, int]:
    """How much was left out for each reason; zeros included."""
    left, traffic = answer.left_out, answer.traffic
    return {
        "eventsWithoutUnit": left.events_without_unit,
        "notExposed": left.not_exposed,
        "multipleVariations": left.multiple_variations,
        "filtered": left.filtered,
        "late": left.late,
        "outsideIteration": left.outside_iteration,
        "beforeExposure": left.before_exposure,
        "beforeWindow": left.before_window,
        "afterWindow": left.after_window,
        "valueMissing": left.value_missing,
        "exposuresWithoutUnit": traffic.exposures_without_unit,
        "exposuresWithoutVariation": traffic.exposures_without_variation,
    }


def in_words(answer: Answer, *, unit: str) -> list[Body]:
    """Every reason that left something out: how many, why, and what to look at."""
    return [
        {"reason": reason, "count": count, "message": _WHY[reason].format(unit=unit)}
        for reason, count in counts(answer).items()
        if count
    ]


# Each goes on after a count of events or exposures.
_WHY = {
    "eventsWithoutUnit": "without a context of kind '{unit}': nobody knows whose; let track() carry that context",
    "notExposed": "of somebody who was never exposed to this experiment, as is usual for a part of traffic",
    "multipleVariations": "of somebody who saw several variations",
    "filtered": "outside of the metric's filter",
    "late": "from before the end that arrived after it",
    "outsideIteration": "from before the iteration started or after it ended",
    "beforeExposure": "from before the first exposure of their {unit}, by the times at which both were received (or, "
    "where an import asks for it, happened): the experiment cannot have caused them",
    "beforeWindow": "from before the metric's window opened",
    "afterWindow": "from after the metric's window closed",
    "valueMissing": "without a metricValue, which this metric needs",
    "exposuresWithoutUnit": "without a context of kind '{unit}': let the SDK evaluate the flag with that context",
    "exposuresWithoutVariation": "of a variation that this experiment does not know, as imports may name",
}
