"""A shop that uses flags: a project of its own, and what its people do with flags, metrics and experiments."""

from collections.abc import Iterable
from typing import Any

from driven import until
from servers import Server

Body = dict[str, Any]


class Shop:
    """A project of its own on a running server; everything happens in its environment ``production``."""

    def __init__(self, server: Server, **project: Any) -> None:
        self.server = server
        self.project = str(server.project(**project)["key"])
        self.at = f"/projects/{self.project}/environments/production"
        environment = server.ok("GET", self.at)
        self.sdk_key, self.client_id = str(environment["apiKey"]), str(environment["_id"])

    def flag(self, key: str, values: tuple[Any, ...] = (True, False), *, on: bool = True) -> list[str]:
        """A new flag that browsers may see too; gives the ids of its variations."""
        available = {"usingEnvironmentId": True, "usingMobileKey": False}
        variations = [{"value": value} for value in values]
        made = self.server.ok(
            "POST",
            f"/flags/{self.project}",
            json={"key": key, "name": key, "variations": variations, "clientSideAvailability": available},
        )
        if on:
            self.change(key, {"kind": "turnFlagOn"})
        return [variation["_id"] for variation in made["variations"]]

    def change(self, flag: str, *instructions: Body) -> None:
        """Change a flag's targeting as a person does on the flag's page."""
        self.server.ok(
            "PATCH",
            f"/flags/{self.project}/{flag}",
            json={"environmentKey": "production", "instructions": instructions},
            headers={"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"},
        )

    def edit(self, flag: str, *operations: Body) -> None:
        """Change a flag's targeting as a program does, by JSON patch; paths begin in the environment."""
        whole = [{**each, "path": f"/environments/production{each['path']}"} for each in operations]
        self.server.ok("PATCH", f"/flags/{self.project}/{flag}", json=whole)

    def metric(self, key: str, **more: Any) -> None:
        """A new metric; without more, the sum of the numbers that events of its key carry."""
        money = {
            "isNumeric": True,
            "unit": "EUR",
            "unitAggregationType": "sum",
            "successCriteria": "HigherThanBaseline",
        }
        asked = more or {"kind": "custom", "eventKey": key, **money}
        self.server.ok("POST", f"/metrics/{self.project}", json={"key": key, "name": key, **asked})

    def experiment(
        self,
        key: str,
        *,
        flag: str,
        variations: list[str],
        metric: str,
        percent: int,
        also: Iterable[str] = (),
        start: bool = True,
    ) -> None:
        """An experiment on a flag's default rule: each of two variations gets a share of all visitors.

        ``also`` names more metrics to be measured than the one that decides.
        """
        version = self.server.ok("GET", f"/flags/{self.project}/{flag}")["environments"]["production"]["version"]
        treatments = [
            {
                "name": f"variation {index}",
                "baseline": index == 0,
                "allocationPercent": str(percent),
                "parameters": [{"flagKey": flag, "variationId": variation}],
            }
            for index, variation in enumerate(variations)
        ]
        iteration = {
            "hypothesis": "It sells more",
            "metrics": [{"key": each, "isGroup": False} for each in (metric, *also)],
            "primarySingleMetricKey": metric,
            "randomizationUnit": "user",
            "treatments": treatments,
            "flags": {flag: {"ruleId": "fallthrough", "flagConfigVersion": version}},
        }
        at = f"{self.at}/experiments"
        self.server.ok("POST", at, json={"key": key, "name": key, "methodology": "bayesian", "iteration": iteration})
        if start:
            self.server.ok("PATCH", f"{at}/{key}", json={"instructions": [{"kind": "startIteration"}]})

    def results(self, experiment: str, metric: str) -> dict[str, tuple[int, float]]:
        """How many visitors each treatment has had, and the sum of what was measured of them."""
        at = f"{self.at}/experiments/{experiment}/metrics/{metric}/results?expand=traffic"
        (everybody,) = self.server.ok("GET", at)["results"]
        return {
            arm["treatmentName"]: (arm["traffic"], round(arm["eventValuesSum"], 6))
            for arm in everybody["treatmentResults"]
        }

    def shows(self, experiment: str, metric: str, expected: dict[str, tuple[int, float]]) -> None:
        """Wait until the results say what is expected."""
        seen: dict[str, tuple[int, float]] = {}

        def agrees() -> bool:
            seen.update(self.results(experiment, metric))
            return seen == expected

        try:
            until(agrees, within_seconds=10)
        except AssertionError:
            assert seen == expected
