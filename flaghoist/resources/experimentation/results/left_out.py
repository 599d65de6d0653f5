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


_WHY = {
    "eventsWithoutUnit": (
        "events name no context of kind '{unit}', so nobody knows whose they are: let track() carry that context"
    ),
    "notExposed": "events are of somebody who was never exposed to this experiment, as is usual for a part of traffic",
    "multipleVariations": "events are of somebody who saw several variations",
    "filtered": "events do not meet the metric's filter",
    "late": "events happened before the end but arrived after it",
    "outsideIteration": "events happened before the iteration started or after it ended",
    "beforeExposure": "events came before the first exposure of their {unit}: the experiment cannot have caused them",
    "beforeWindow": "events came before the metric's window opened",
    "afterWindow": "events came after the metric's window closed",
    "valueMissing": "events carry no metricValue, which this metric needs",
    "exposuresWithoutUnit": (
        "exposures name no context of kind '{unit}': let the SDK evaluate the flag with that context"
    ),
    "exposuresWithoutVariation": "imported exposures name a variation that this experiment does not know",
}
