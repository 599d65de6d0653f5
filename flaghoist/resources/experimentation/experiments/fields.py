"""Which fields of an experiment can be changed when, and how: one table that is shown, and kept to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta

from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Body
from flaghoist.resources.experimentation.experiments.schema import (
    AnalysisConfig,
    FieldUpdate,
    FlagInput,
    Methodology,
    MetricInput,
    Status,
    TreatmentInput,
    plain,
)

Operations = tuple[str, ...]
_NEVER: Operations = ()
_UPDATE: Operations = ("update",)
_OPTIONAL: Operations = ("add", "update", "remove")
_CURE = {
    "running": "stop the iteration first, or make the change in a new one with saveAndStartNewIteration",
    "stopped": "create a new iteration, or start one with saveAndStartNewIteration",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field: where it is kept, what it holds, and what may be done to it in each status."""

    kept_in: Literal["experiment", "iteration"]
    type: Any
    not_started: Operations
    running: Operations = _NEVER
    stopped: Operations = _NEVER

    def allowed(self, status: Status) -> Operations:
        """What may be done to the field in a status."""
        return {"not_started": self.not_started, "running": self.running, "stopped": self.stopped}[status]


_Texts = list[str]
_Name = Annotated[str, Meta(min_length=1)]
_Duration = Annotated[int, Meta(ge=1)]

FIELDS: Mapping[str, Field] = {
    "name": Field("experiment", _Name, _UPDATE, _UPDATE, _UPDATE),
    "description": Field("experiment", str, _OPTIONAL, _OPTIONAL, _OPTIONAL),
    "tags": Field("experiment", _Texts, _OPTIONAL, _OPTIONAL, _OPTIONAL),
    "maintainerId": Field("experiment", str, _UPDATE, _UPDATE, _UPDATE),
    "holdoutId": Field("experiment", str, _OPTIONAL),
    "methodology": Field("experiment", Methodology, _UPDATE),
    "analysisConfig": Field("experiment", AnalysisConfig, _OPTIONAL),
    "hypothesis": Field("iteration", str, _UPDATE),
    "randomizationUnit": Field("iteration", _Name, _UPDATE),
    "flags": Field("iteration", dict[str, FlagInput], _UPDATE),
    "treatments": Field("iteration", list[TreatmentInput], _UPDATE),
    "canReshuffleTraffic": Field("iteration", bool, _UPDATE),
    "metrics": Field("iteration", list[MetricInput], _OPTIONAL, ("add",)),
    "primarySingleMetricKey": Field("iteration", str, _UPDATE),
    "primaryFunnelKey": Field("iteration", str, _UPDATE),
    "attributes": Field("iteration", _Texts, _OPTIONAL, ("add",)),
    "reallocationFrequencyMillis": Field("iteration", _Duration, _OPTIONAL),
    "covariateId": Field("iteration", str, _OPTIONAL),
}


def mutable_by_status() -> dict[str, dict[str, list[str]]]:
    """``mutableFieldsByStatus``: status → field → operations."""
    statuses: Sequence[Status] = get_args(Status)
    return {
        status: {name: list(field.allowed(status)) for name, field in FIELDS.items() if field.allowed(status)}
        for status in statuses
    }


def running(experiment: Mapping[str, Any]) -> Body | None:
    """The iteration that an experiment is running, or nothing."""
    current: Body | None = experiment.get("currentIteration")
    return current if current and current["status"] == "running" else None


def status_of(experiment: Mapping[str, Any]) -> Status:
    """How an experiment stands: running, or about to (there is a draft), or stopped."""
    if running(experiment):
        return "running"
    return "not_started" if experiment.get("draftIteration") else "stopped"


def change(experiment: Body, iteration: Body | None, updates: Mapping[str, FieldUpdate], status: Status) -> None:
    """Make all changes to an experiment and one of its iterations; raises ``Invalid`` naming field and cure."""
    for name, update in updates.items():
        field = FIELDS.get(name)
        if field is None:
            raise Invalid(f"value: unknown field '{name}'; possible: {', '.join(FIELDS)}")
        if update.operation not in field.allowed(status):
            raise Invalid(_refusal(name, field, update.operation, status))
        holder = experiment if field.kept_in == "experiment" else iteration
        assert holder is not None, f"{name} may be changed when {status}, but of what?"
        _apply(holder, name, field, update)


def refuse_beyond(before: Body, after: Body) -> None:
    """Refuse a patch that changed more than the experiment's own fields, or those when they cannot be."""
    status = status_of(before)
    for name in {**before, **after}:
        if before.get(name) == after.get(name):
            continue
        field = FIELDS.get(name)
        if field is None or field.kept_in == "iteration":
            raise Invalid(f"'{name}' is changed by instructions, such as updateExperimentFields and startIteration")
        if not field.allowed(status):
            raise Invalid(_refusal(name, field, "update", status))


def _refusal(name: str, field: Field, operation: str, status: Status) -> str:
    allowed = field.allowed(status)
    if allowed:
        return f"'{name}' of an experiment that is {status} takes {' and '.join(allowed)}, not {operation}"
    return f"'{name}' cannot be changed when the experiment is {status}: {_CURE[status]}"


def _apply(holder: Body, name: str, field: Field, update: FieldUpdate) -> None:
    if update.operation == "remove" and (update.value is UNSET or get_origin(field.type) is not list):
        holder.pop(name, None)
        return
    value = _read(name, field, update)
    if isinstance(value, list) and update.operation != "update":
        value = _merged(holder.get(name) or [], value, removing=update.operation == "remove")
    if name == "metrics" and update.operation == "remove":
        _keep_primary(holder, value)
    holder[name] = value
    _yield_to(holder, name)


def _read(name: str, field: Field, update: FieldUpdate) -> Any:
    if update.value is UNSET:
        raise Invalid(f"value.{name}: to {update.operation} it, give a 'value'")
    # What is to be removed may be named by its key alone.
    wanted = list[str | _Named] if update.operation == "remove" else field.type
    try:
        return plain(msgspec.convert(update.value, wanted))
    except msgspec.ValidationError as error:
        raise Invalid(f"value.{name}: {error}") from None


class _Named(msgspec.Struct):
    key: str


def _merged(present: list[Any], given: list[Any], *, removing: bool) -> list[Any]:
    if removing:
        names = {_name(each) for each in given}
        return [each for each in present if _name(each) not in names]
    known = [_identity(each) for each in present]
    return [*present, *[each for each in given if _identity(each) not in known]]


def _name(each: Any) -> Any:
    return each["key"] if isinstance(each, dict) else each


def _identity(each: Any) -> Any:
    return (each["key"], each["isGroup"]) if isinstance(each, dict) else each


def _keep_primary(iteration: Body, metrics: list[Any]) -> None:
    primary = iteration.get("primarySingleMetricKey") or iteration.get("primaryFunnelKey")
    if primary and primary not in [metric["key"] for metric in metrics]:
        raise Invalid(f"value.metrics: '{primary}' is the primary one; name another as primary before removing it")


def _yield_to(holder: Body, name: str) -> None:
    """There is one primary metric or funnel: the one named last."""
    other = {"primarySingleMetricKey": "primaryFunnelKey", "primaryFunnelKey": "primarySingleMetricKey"}.get(name)
    if other is not None:
        holder.pop(other, None)
