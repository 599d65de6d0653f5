"""Who uses what: the experiments and metric groups of a project that rest on its metrics and groups."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flaghoist.core import addresses
from flaghoist.core.work import Document, Work
from flaghoist.rest.render import link


@dataclass(frozen=True)
class Use:
    """An experiment and the environment it runs in, seen through all its iterations: past, present and drafted."""

    experiment: Document
    environment: Document

    @property
    def statuses(self) -> set[str]:
        """How its iterations stand: ``not_started``, ``running``, ``stopped``."""
        return {str(each.get("status") or "not_started") for each in self._iterations()}

    @property
    def active(self) -> bool:
        """Whether it collects evidence now."""
        return "running" in self.statuses and not self.experiment.body.get("archivedDate")

    @property
    def last_used_at(self) -> int:
        """When it last started, or was made if it never has, in milliseconds."""
        return max([self.experiment.created_at, *(each.get("startedAt") or 0 for each in self._iterations())])

    @cached_property
    def metrics(self) -> frozenset[str]:
        """The keys of the metrics that any iteration names, alone or within its copy of a group."""
        found: set[str] = set()
        for iteration in self._iterations():
            found.add(iteration.get("primarySingleMetricKey") or "")
            for each in iteration.get("metrics") or ():
                inner = each.get("metrics") or ()
                found.update([member["key"] for member in inner] if each.get("isGroup") else [each["key"]])
        return frozenset(found - {""})

    @cached_property
    def groups(self) -> frozenset[str]:
        """The keys of the metric groups that any iteration names."""
        found = {iteration.get("primaryFunnelKey") or "" for iteration in self._iterations()}
        for iteration in self._iterations():
            found.update(each["key"] for each in iteration.get("metrics") or () if each.get("isGroup"))
        return frozenset(found - {""})

    @property
    def flags(self) -> set[str]:
        """The keys of the flags that any iteration tests."""
        return {key for iteration in self._iterations() for key in iteration.get("flags") or ()}

    def json(self) -> dict[str, Any]:
        """As metrics and groups list it (``DependentExperimentRep``)."""
        project = addresses.step(self.experiment.address, "proj")
        environment = f"/api/v2/projects/{project}/environments/{self.environment.body['key']}"
        key = addresses.name(self.experiment.address)
        shown = {
            "key": key,
            "name": self.experiment.body.get("name", key),
            "environmentId": self.environment.body["_id"],
            "environmentKey": self.environment.body["key"],
            "creationDate": self.experiment.created_at,
            "_links": {"parent": link(environment), "self": link(f"{environment}/experiments", key)},
        }
        archived = self.experiment.body.get("archivedDate")
        return {**shown, "archivedDate": archived} if archived else shown

    def _iterations(self) -> Iterator[dict[str, Any]]:
        body = self.experiment.body
        for each in (body.get("currentIteration"), body.get("draftIteration"), *(body.get("previousIterations") or ())):
            if each:
                yield each


@dataclass(frozen=True)
class Dependants:
    """Everything in a project that uses metrics: its experiments in every environment, and its metric groups."""

    uses: Sequence[Use]
    groups: Sequence[Document]

    @classmethod
    def of(cls, work: Work, project: str) -> "Dependants":
        """Those of the project at an address."""
        uses = [
            Use(experiment, environment)
            for environment in work.collection("env", project)
            for experiment in work.collection("experiment", environment.address)
        ]
        return cls(uses, work.collection("metric-group", project))

    def groups_with(self, metric_key: str) -> list[Document]:
        """The groups that a metric is in."""
        return [group for group in self.groups if any(each["key"] == metric_key for each in group.body["metrics"])]

    def experiments_with(self, metric_key: str) -> list[Use]:
        """The experiments that use a metric, alone or in a group."""
        groups = {group.body["key"] for group in self.groups_with(metric_key)}
        return [use for use in self.uses if metric_key in use.metrics or groups & use.groups]

    def experiments_with_group(self, group_key: str) -> list[Use]:
        """The experiments that use a group."""
        return [use for use in self.uses if group_key in use.groups]


def found_for(work: Work) -> Callable[[Document], Dependants]:
    """Gives the dependants around a document, worked out once for each project."""
    known: dict[str, Dependants] = {}

    def of(document: Document) -> Dependants:
        project = addresses.project_of(document.address)
        if project not in known:
            known[project] = Dependants.of(work, project)
        return known[project]

    return of


def named(uses: Sequence[Use], groups: Sequence[Document] = ()) -> str:
    """Dependants in words: ``experiment 'checkout' in 'production', metric group 'funnel'``."""
    experiments = [
        f"experiment '{addresses.name(each.experiment.address)}' in '{each.environment.body['key']}'" for each in uses
    ]
    return ", ".join([*experiments, *[f"metric group '{group.body['key']}'" for group in groups]])
