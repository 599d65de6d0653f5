"""What has been seen: evaluations of a flag, events of a metric, and what of both counts in an experiment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.core.work import Work
from flaghoist.resources.experimentation import asking
from flaghoist.resources.experimentation.experiments.readiness.setup import Setup, Watched
from flaghoist.store.facts.activity import EventActivity
from flaghoist.store.facts.answer import Answer, Traffic
from flaghoist.store.facts.question import Iteration, Question


class Activity(Protocol):
    """What goes on in an environment: ``work.services["activity"]``."""

    def flag_status(self, environment_id: str, flag_key: str) -> tuple[int | None, object]:
        """When a flag was last evaluated, in milliseconds, and the default that callers name."""
        ...

    def flag_evaluations(self, environment_id: str, flag_key: str, *, since: int) -> int:
        """How often a flag was evaluated since the hour of a time, in milliseconds."""
        ...

    def kinds_seen(self, environment_ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """Context kinds with the first and last time they were seen in some environments, in milliseconds."""
        ...

    def event(self, environment_id: str, kind: str, key: str) -> EventActivity | None:
        """What is known of an event, or None if it was never received."""
        ...


class Facts(Protocol):
    """What was counted: ``work.services["facts"]``."""

    def flush(self) -> None:
        """Take in everything accepted so far."""
        ...

    def answers(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers to some questions, in order."""
        ...

    def traffic(self, iteration: Iteration) -> Traffic:
        """Who was exposed to what."""
        ...


@dataclass(frozen=True, slots=True)
class Evaluations:
    """When SDKs last evaluated a flag, in milliseconds, and how often within the last day."""

    last: int | None
    lately: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Who took part in an iteration, and an answer for each metric that is counted here, by its key."""

    traffic: Traffic
    answers: dict[str, Answer]


def evaluations(work: Work, environment_id: str, flag_key: str, *, days: int = 1) -> Evaluations:
    """Evaluations of a flag over the last days, in whole hours and never more than was asked for."""
    activity: Activity = work.services["activity"]
    last, _ = activity.flag_status(environment_id, flag_key)
    since = work.now - days * DAY_MS + HOUR_MS
    return Evaluations(last, activity.flag_evaluations(environment_id, flag_key, since=since))


def context_kinds(work: Work, environment_id: str) -> dict[str, int]:
    """The kinds of context that events have named, each with the last time in milliseconds."""
    activity: Activity = work.services["activity"]
    return {kind: last for kind, (_, last) in activity.kinds_seen([environment_id]).items()}


def event(work: Work, environment_id: str, kind: str, key: str) -> EventActivity | None:
    """What is known of an event."""
    activity: Activity = work.services["activity"]
    return activity.event(environment_id, kind, key)


def counted(work: Work, setup: Setup) -> Counted | None:
    """What an iteration that has been started has collected; None for a draft."""
    if setup.plan is None:
        return None
    metrics = [each for each in setup.metrics if each.measure.is_counted_here]
    asked = [_question(work, setup, each) for each in metrics]
    answers = {each.measure.key: answer for each, answer in zip(metrics, facts(work).answers(asked), strict=True)}
    # Without metrics, who took part is still to be told.
    traffic = next((answer.traffic for answer in answers.values()), None) or _traffic(work, setup)
    return Counted(traffic, answers)


def facts(work: Work) -> Facts:
    """Who answers questions about what was counted."""
    found: Facts = work.services["facts"]
    return found


def _question(work: Work, setup: Setup, metric: Watched) -> Question:
    assert setup.plan is not None, "only what has been started is asked about"
    return asking.ask(
        setup.plan,
        metric.measure,
        environment_id=setup.environment.body["_id"],
        max_lateness_hours=work.services["settings"].max_lateness_hours,
    )


def _traffic(work: Work, setup: Setup) -> Traffic:
    assert setup.plan is not None, "only what has been started has traffic"
    return facts(work).traffic(
        asking.iteration(
            setup.plan,
            environment_id=setup.environment.body["_id"],
            max_lateness_hours=work.services["settings"].max_lateness_hours,
        )
    )
