"""What makes a metric whole: its defaults, and what each kind of metric needs and cannot have."""

from collections.abc import Mapping
from typing import Any

from flaghoist.base import clock
from flaghoist.base.errors import Invalid
from flaghoist.base.ids import is_key
from flaghoist.core.resource import Body
from flaghoist.resources.experimentation import event_filters
from flaghoist.resources.experimentation.grouping import is_occurrence
from flaghoist.resources.experimentation.metrics import pages

HOSTED = "launchdarkly"
HOSTED_KEYS = frozenset({HOSTED, "launchdarkly-hosted"})
UNIT = "user"

_OPTIONAL = (
    "description", "category", "viewKeys", "maintainerId", "maintainerTeamKey", "eventKey", "selector", "urls",
    "traceQuery", "traceValueLocation", "valueColumn", "filters", "unit", "successCriteria", "unitAggregationField",
    "percentileValue", "denominator", "windowStartOffset", "windowEndOffset", "winsorLowerPercentile",
    "winsorUpperPercentile", "winsorIncludeImputed", "dataSource", "environmentKey", "_name", "_integrationKey",
)  # fmt: skip


def settle(before: Body | None, body: Body) -> None:
    """Bring a body into the one form in which it is stored: nothing empty, every default written out."""
    _drop_empty(body)
    _settle_units(before or {}, body)
    body["name"] = body.get("name") or body["key"]
    body["tags"] = body["tags"] or []
    body["isNumeric"] = bool(body["isNumeric"])
    body["archived"] = bool(body["archived"])
    body["analysisType"] = body["analysisType"] or "mean"
    body["unitAggregationType"] = body.get("unitAggregationType") or ("sum" if "denominator" in body else "average")
    body["dataSource"] = _without_empty(body.get("dataSource") or {"key": HOSTED})
    body["eventDefault"] = _event_default(body)
    if body["kind"] in ("custom", "trace") and not body["isNumeric"]:
        body.setdefault("successCriteria", "HigherThanBaseline")
    if "urls" in body:
        body["urls"] = [{name: value for name, value in url.items() if value} for url in body["urls"]]
    if "filters" in body:
        body["filters"] = event_filters.settled(body["filters"], "filters")
    if "denominator" in body:
        _settle_denominator(body["denominator"])
    if not body["archived"]:
        body.pop("archivedAt", None)
    elif "archivedAt" not in body:
        body["archivedAt"] = clock.now_ms()


def check(body: Body) -> None:
    """Refuse a metric (in its stored form) that means nothing; raises ``Invalid`` naming the field and the cure."""
    _check_belongings(body)
    _check_needs(body)
    _check_numbers(body)
    if "selector" in body:
        pages.check_selector(body["selector"])
    for index, url in enumerate(body.get("urls", ())):
        _check_url(url, f"urls[{index}]")
    _check_units(body["analysisUnits"])
    _check_analysis(body)
    _check_event_default(body)
    _check_source(body, "")
    _check_window(body, "")
    _check_winsorization(body, "")
    if "denominator" in body:
        _check_denominator(body)


def _drop_empty(body: Body) -> None:
    for name in _OPTIONAL:
        if name in body and body[name] in (None, "", []):
            del body[name]


def _settle_units(before: Body, body: Body) -> None:
    """One list under two names: what is said under either holds for both."""
    older, newer = "randomizationUnits", "analysisUnits"
    said = [body[name] for name in (newer, older) if body.get(name) and body[name] != before.get(name)]
    if len(said) == 2 and said[0] != said[1]:
        raise Invalid(f"'{newer}' and '{older}' are one list under two names: give one of them, or both alike")
    left = [] if any(name in before and not body.get(name) for name in (newer, older)) else before.get(newer)
    units = list(dict.fromkeys(said[0] if said else left or [UNIT]))
    body[newer] = body[older] = units


def _without_empty(part: Body) -> Body:
    _drop_empty(part)
    return part


def _event_default(body: Body) -> Body:
    """Units without events count as zero, but for percentiles, which they would drown."""
    given = body.get("eventDefault") or {"disabled": body["analysisType"] == "percentile"}
    disabled = bool(given.get("disabled"))
    value = given.get("value") or 0
    return {"disabled": disabled} if disabled and value == 0 else {"disabled": disabled, "value": value}


def _settle_denominator(denominator: Body) -> None:
    _drop_empty(denominator)
    denominator["isNumeric"] = bool(denominator["isNumeric"])
    denominator["unitAggregationType"] = denominator["unitAggregationType"] or "sum"
    if "filters" in denominator:
        denominator["filters"] = event_filters.settled(denominator["filters"], "denominator.filters")
    if "dataSource" in denominator:
        denominator["dataSource"] = _without_empty(denominator["dataSource"])


_BELONGS: Mapping[str, tuple[str, ...]] = {
    "selector": ("click",),
    "urls": ("click", "pageview"),
    "eventKey": ("custom",),
    "successCriteria": ("custom", "trace"),
    "unit": ("custom", "trace"),
    "filters": ("custom",),
    "denominator": ("custom",),
    "valueColumn": ("custom",),
    "traceQuery": ("trace",),
    "traceValueLocation": ("trace",),
}

_NEEDS: Mapping[str, Mapping[str, str]] = {
    "click": {
        "selector": "the CSS selector of what is clicked",
        "urls": 'at least one page, such as {"kind": "substring", "substring": "/cart"}',
    },
    "pageview": {"urls": 'at least one page, such as {"kind": "substring", "substring": "/thanks"}'},
    "custom": {"eventKey": "the key that your code tracks"},
    "trace": {"traceQuery": "the query that finds the traces"},
}


def _check_belongings(body: Body) -> None:
    for name, kinds in _BELONGS.items():
        if name in body and body["kind"] not in kinds:
            raise Invalid(
                f"'{name}' belongs to {' and '.join(kinds)} metrics, and this is a {body['kind']} metric: leave it out"
            )


def _check_needs(body: Body) -> None:
    for name, what in _NEEDS[body["kind"]].items():
        if name not in body:
            raise Invalid(f"a {body['kind']} metric needs '{name}': give {what}")


def _check_numbers(body: Body) -> None:
    kind = body["kind"]
    if not body["isNumeric"]:
        for name in ("unit", "traceValueLocation"):
            if name in body:
                raise Invalid(f"'{name}' belongs to numeric metrics: leave it out, or set 'isNumeric' to true")
        return
    if kind in ("click", "pageview"):
        raise Invalid(f"a {kind} metric counts events, not numbers: set 'isNumeric' to false, or leave it out")
    if "unit" not in body:
        raise Invalid(f'a numeric {kind} metric needs \'unit\': say what is measured, such as "ms" or "USD"')
    if "successCriteria" not in body:
        raise Invalid(
            f"a numeric {kind} metric needs 'successCriteria': HigherThanBaseline or LowerThanBaseline, as success is"
        )
    if kind == "trace" and "traceValueLocation" not in body:
        raise Invalid("a numeric trace metric needs 'traceValueLocation': say where in the trace the number is")


_URL_FIELDS = {"exact": "url", "canonical": "url", "substring": "substring", "regex": "pattern"}


def _check_url(url: Body, where: str) -> None:
    wanted = _URL_FIELDS[url["kind"]]
    for name in ("url", "substring", "pattern"):
        if name in url and name != wanted:
            raise Invalid(f"{where}: a matcher of kind {url['kind']} has '{wanted}', not '{name}'")
    if wanted not in url:
        raise Invalid(f"{where}: a matcher of kind {url['kind']} needs '{wanted}'")
    if wanted == "pattern":
        pages.check_pattern(url["pattern"], f"{where}.pattern")


def _check_units(units: list[str]) -> None:
    for unit in units:
        if not is_key(unit) or unit in ("kind", "multi"):
            raise Invalid(f"analysisUnits: '{unit[:80]}' is not the key of a context kind, such as \"{UNIT}\"")


def _check_analysis(body: Body) -> None:
    percentile = body.get("percentileValue")
    if body["analysisType"] == "mean":
        if percentile is not None:
            raise Invalid("'percentileValue' belongs to percentiles: set it to null, or 'analysisType' to percentile")
        return
    if percentile is None:
        raise Invalid("'percentileValue' is required when 'analysisType' is percentile: give 50, 75, 90, 95 or 99, say")
    if not 0 <= percentile <= 100:
        raise Invalid(f"'percentileValue' must be between 0 and 100, and {percentile} is not")
    if "denominator" in body:
        raise Invalid("a ratio has no percentiles: set 'analysisType' to mean, or leave out 'denominator'")
    if is_occurrence({**body, "analysisType": "mean"}):
        raise Invalid(
            "a metric that only asks whether something happened has no percentiles: set 'isNumeric' to true, "
            "'unitAggregationType' to sum, or 'analysisType' to mean"
        )


def _check_event_default(body: Body) -> None:
    given = body["eventDefault"]
    if given.get("value"):
        raise Invalid(f"eventDefault.value must be 0, not {given['value']}: no other default is possible")
    if body["analysisType"] == "percentile" and not given["disabled"]:
        raise Invalid("eventDefault.disabled must be true for percentiles: units without events cannot take part")


def _check_source(body: Body, where: str) -> None:
    source = body.get("dataSource", {"key": HOSTED})["key"]
    field = "unitAggregationField"
    if body["unitAggregationType"] == "count_distinct":
        if source in HOSTED_KEYS:
            raise Invalid(
                f"{where}unitAggregationType count_distinct needs a warehouse: set 'dataSource', or aggregate by sum"
            )
        if field not in body:
            raise Invalid(f"{where}{field} is required when unitAggregationType is count_distinct: name the column")
    elif field in body:
        raise Invalid(f"{where}{field} belongs to unitAggregationType count_distinct: leave it out")
    if "valueColumn" not in body:
        return
    if source in HOSTED_KEYS or not body["isNumeric"]:
        raise Invalid(
            f"{where}valueColumn belongs to numeric metrics of a warehouse: leave it out, or set 'dataSource'"
        )


def _check_window(body: Body, where: str) -> None:
    start, end = body.get("windowStartOffset", 0), body.get("windowEndOffset")
    if start < 0:
        raise Invalid(f"{where}windowStartOffset is in milliseconds after the first exposure, so not {start}")
    if end is not None and end <= start:
        raise Invalid(f"{where}windowEndOffset ({end}) must be later than {where}windowStartOffset ({start})")


def _check_winsorization(body: Body, where: str) -> None:
    lower, upper = body.get("winsorLowerPercentile"), body.get("winsorUpperPercentile")
    bounds: dict[str, Any] = {"winsorLowerPercentile": lower, "winsorUpperPercentile": upper}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    for name, bound in given.items():
        if not 0 < bound < 100:
            raise Invalid(f"{where}{name} must lie between 0 and 100, and {bound} does not")
        if not body["isNumeric"]:
            raise Invalid(f"{where}{name} belongs to numeric metrics: leave it out, or set 'isNumeric' to true")
        if body.get("analysisType") == "percentile":
            raise Invalid(f"{where}{name} does not go with percentiles: leave it out, or set 'analysisType' to mean")
    if lower is not None and upper is not None and lower >= upper:
        raise Invalid(
            f"{where}winsorUpperPercentile ({upper}) must be more than {where}winsorLowerPercentile ({lower})"
        )


def _check_denominator(body: Body) -> None:
    denominator = body["denominator"]
    if not denominator["eventName"]:
        raise Invalid("denominator.eventName is empty: name the event to divide by")
    _check_source({"dataSource": body["dataSource"], **denominator}, "denominator.")
    _check_window(denominator, "denominator.")
    _check_winsorization(denominator, "denominator.")
