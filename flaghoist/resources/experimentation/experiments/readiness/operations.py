"""How ready an experiment is, and how large one has to be: two questions, answered with what has been seen so far."""

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.experiments.readiness import checklist, counts, past, sample_size, signs
from flaghoist.resources.experimentation.experiments.readiness.past import Past
from flaghoist.resources.experimentation.experiments.readiness.sample_size import Baseline, Trial
from flaghoist.resources.experimentation.experiments.readiness.schema import ReadinessRep, SampleSizeRep
from flaghoist.resources.experimentation.experiments.readiness.setup import set_up
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.render import link

FAMILY = Family("Experiments")
_ENVIRONMENT = "/internal/projects/{projectKey}/environments/{environmentKey}"
_TREATMENTS_MAX = 20
_LARGEST = 1e15


@FAMILY.view(
    f"{_ENVIRONMENT}/experiments/{{experimentKey}}/readiness", "getExperimentReadiness", returns=ReadinessRep, ours=True
)
def read_readiness(work: Work, call: Call) -> Body:
    """Get an experiment's check-list, with what has been counted so far"""
    environment = _environment(work, call)
    experiment = work.read(f"{environment.address}:experiment/{call.params['experimentKey']}")
    setup = set_up(work, environment, experiment)
    signs.facts(work).flush()
    counted = signs.counted(work, setup)
    refusals = list(dict.fromkeys(setup.refusals.values()))
    size = counts.size(work, setup, counted)
    parent = f"/api/v2{_ENVIRONMENT.removeprefix('/internal')}/experiments/{{experimentKey}}".format_map(call.params)
    return {
        "_links": {"self": link(call.path), "parent": link(parent)},
        "status": setup.status,
        "iterationId": setup.iteration["_id"],
        "mayStart": setup.status == "not_started" and not refusals,
        "refusals": refusals,
        "items": checklist.items(work, setup, counted),
        "treatments": counts.treatments(setup, counted),
        "metrics": counts.metrics(setup, counted),
        "exposuresWithoutUnit": counted.traffic.exposures_without_unit if counted else 0,
        "countedAt": work.now,
        **({"sampleSize": size} if size else {}),
    }


@FAMILY.view(
    f"{_ENVIRONMENT}/sample-size",
    "getSampleSize",
    returns=SampleSizeRep,
    query=(
        ("flagKey", "string"), ("metricKey", "string"), ("unit", "string"), ("mean", "number"),
        ("standardDeviation", "number"), ("unitsPerDay", "number"), ("lift", "number"), ("power", "number"),
        ("allocations", "string"), ("methodology", "string"), ("threshold", "number"), ("testDirection", "string"),
        ("sequential", "boolean"), ("correction", "string"),
    ),
    ours=True,
)  # fmt: skip
def read_sample_size(work: Work, call: Call) -> Body:
    """Work out how many units an experiment needs; what is not given is taken from the last two weeks' traffic

    `allocations` are percentages of the audience, the baseline's first, such as `50,50`; `lift` is a relative
    difference such as `0.05`, `power` a probability, `threshold` a percentage.
    """
    environment = _environment(work, call)
    percents = _percents(call)
    measure = _measure(work, environment, call.query.text("metricKey"))
    signs.facts(work).flush()
    unit = call.query.text("unit", "user")
    found = past.look_back(work, environment, call.query.text("flagKey"), unit, measure)
    is_share = measure is None or measure.is_proportion
    known = _baseline(call, found, is_share=is_share)
    trial = Trial(
        methodology="bayesian" if call.query.text("methodology") == "bayesian" else "frequentist",
        config=_config(call),
        shares=tuple(percent / sum(percents) for percent in percents),
        power=_number(call, "power", 0.5, 0.999) or sample_size.POWER,
        per_day=_per_day(call, found, sum(percents) / 100),
    )
    lift = _number(call, "lift", 1e-6, 100)
    if known is None:
        shown: Body = {
            "sentence": _unknown(is_share=is_share),
            "isShare": is_share,
            "power": trial.power,
            "alpha": trial.alpha,
            "plans": [],
        }
    else:
        shown = sample_size.sample_size(trial, known, [lift] if lift else sample_size.LIFTS)
    return {**shown, "seen": found.shown()}


def _environment(work: Work, call: Call) -> Document:
    environment = work.read(f"proj/{call.params['projectKey']}:env/{call.params['environmentKey']}")
    work.require("viewProject", addresses.parent(environment.address))
    return environment


def _measure(work: Work, environment: Document, metric_key: str) -> Measure | None:
    if not metric_key:
        return None
    return Measure.of(work.read(f"{addresses.parent(environment.address)}:metric/{metric_key}").body)


def _baseline(call: Call, found: Past, *, is_share: bool) -> Baseline | None:
    """What is given, or else what was seen; a share's mean says all, a number's needs its spread too."""
    mean, spread = _number(call, "mean", 1e-12, _LARGEST), _number(call, "standardDeviation", 1e-12, _LARGEST)
    if mean is None:
        return found.baseline
    if is_share and spread is None:
        if mean >= 1:
            raise Invalid(f"the query parameter 'mean' is the share of units with an event: below 1, and not {mean:g}")
        return Baseline(mean, None)
    if spread is None and found.baseline is not None:
        spread = found.baseline.standard_deviation
    return Baseline(mean, spread) if spread is not None else None


def _per_day(call: Call, found: Past, allocated: float) -> float | None:
    """Units that come into the experiment in a day: its part of those who come at all."""
    given = _number(call, "unitsPerDay", 0, _LARGEST)
    everybody = given if given is not None else found.per_day
    return everybody * allocated if everybody is not None else None


def _unknown(*, is_share: bool) -> str:
    if is_share:
        return "The size depends on the share of units that have an event, and that has not been seen yet."
    return "The size depends on the metric's mean and standard deviation per unit, and these have not been seen yet."


def _config(call: Call) -> Body:
    threshold = _number(call, "threshold", 0.1, 99.9)
    config: Body = {
        "testDirection": call.query.text("testDirection", "two-sided"),
        "sequentialTestingEnabled": call.query.flag("sequential"),
        "multipleComparisonCorrectionMethod": call.query.text("correction"),
    }
    if threshold is not None:
        name = "bayesianThreshold" if call.query.text("methodology") == "bayesian" else "significanceThreshold"
        config[name] = f"{threshold:g}"
    return config


def _percents(call: Call) -> list[float]:
    given = call.query.all("allocations") or ["50", "50"]
    percents = [_read(text, "allocations", 0, 100) for text in given]
    if not 2 <= len(percents) <= _TREATMENTS_MAX or not all(percents) or sum(percents) > 100:
        raise Invalid(
            f"the query parameter 'allocations' must be 2 to {_TREATMENTS_MAX} percentages above 0 that sum to at most "
            "100, the baseline's first, such as 50,50"
        )
    return percents


def _number(call: Call, name: str, low: float, high: float) -> float | None:
    text = call.query.text(name)
    return _read(text, name, low, high) if text else None


def _read(text: str, name: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise Invalid(f"the query parameter '{name}' must be a number from {low:g} to {high:g}, not '{text[:40]}'")
    return value
