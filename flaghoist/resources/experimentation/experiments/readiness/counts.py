"""What an iteration has collected: units of each treatment, events of each metric, and how much more it takes."""

from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.core.resource import Body
from flaghoist.core.work import Work
from flaghoist.resources.experimentation.experiments.readiness import sample_size
from flaghoist.resources.experimentation.experiments.readiness.sample_size import Trial
from flaghoist.resources.experimentation.experiments.readiness.setup import Setup, Watched
from flaghoist.resources.experimentation.experiments.readiness.signs import Counted
from flaghoist.store.facts.answer import Answer


def treatments(setup: Setup, counted: Counted | None) -> list[Body]:
    """Units of each treatment; of those of a draft there are none."""
    units = counted.traffic.units if counted else {}
    return [
        {"_id": each["_id"], "name": each["name"], "units": units.get(each["variation"], 0)}
        for each in setup.iteration["treatments"]
    ]


def metrics(setup: Setup, counted: Counted | None) -> list[Body]:
    """Events of each metric that is counted here."""
    answers = counted.answers if counted else {}
    return [_metric(setup, each, answers[each.measure.key]) for each in setup.metrics if each.measure.key in answers]


def size(work: Work, setup: Setup, counted: Counted | None) -> Body | None:
    """How large a running experiment has to be, by what its baseline has shown; None as long as that is too little."""
    primary, plan = setup.primary, setup.plan
    if setup.status != "running" or counted is None or plan is None or primary is None:
        return None
    answer = counted.answers.get(primary.measure.key)
    arms = [arm for arm in answer.arms if arm.variation == plan.baseline.variation] if answer else []
    known = sample_size.baseline(primary.measure, arms)
    others = tuple(each.share for each in plan.treatments if not each.baseline)
    if known is None or not others or not plan.baseline.share or not min(others):
        return None
    units = sum(counted.traffic.units.values())
    elapsed = work.now - plan.started_at_ms
    trial = Trial(
        methodology=plan.methodology,
        config=plan.analysis_config,
        shares=(plan.baseline.share, *others),
        units=units,
        per_day=units * DAY_MS / elapsed if elapsed >= HOUR_MS else None,
    )
    return sample_size.sample_size(trial, known)


def _metric(setup: Setup, metric: Watched, answer: Answer) -> Body:
    arms = {arm.variation: arm for arm in answer.arms}
    shown = []
    for treatment in setup.iteration["treatments"]:
        arm = arms.get(treatment["variation"])
        shown.append(
            {
                "_id": treatment["_id"],
                "name": treatment["name"],
                "units": arm.traffic if arm else 0,
                "events": arm.events if arm else 0,
                "unitsWithEvent": arm.eventing if arm else 0,
            }
        )
    left = answer.left_out
    return {
        "key": metric.measure.key,
        "name": metric.document.body["name"],
        "primary": metric.primary,
        "events": sum(arm.events for arm in answer.arms),
        "leftOut": sum(getattr(left, name) for name in left.__slots__),
        "treatments": shown,
    }
