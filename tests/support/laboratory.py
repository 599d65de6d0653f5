"""A project with a flag and metrics to experiment on, through REST alone."""

from dataclasses import dataclass, field
from typing import Any

import requests
from servers import Server

SEMANTIC = {"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}
EVERYTHING = "treatments,draftIteration,previousIterations,secondaryMetrics,analysisConfig,mutableFieldsByStatus"


@dataclass
class Laboratory:
    """A flag ``button`` of three colours with a rule for testers, on in ``test``; metrics ``sold``, ``spent``."""

    server: Server
    project: str = ""
    environment: str = "test"
    variations: list[str] = field(default_factory=list)
    rule: str = ""

    def __post_init__(self) -> None:
        self.project = self.project or str(self.server.project()["key"])
        self.make_metric("sold", eventKey="sold")
        self.make_metric("spent", eventKey="sold", isNumeric=True, unit="EUR", successCriteria="HigherThanBaseline")
        made = self.make_flag("button")
        self.variations = [each["_id"] for each in made["variations"]]
        clause = {"attribute": "tester", "op": "in", "values": [True], "contextKind": "user", "negate": False}
        rule = {"kind": "addRule", "clauses": [clause], "variationId": self.variations[2], "description": "Testers"}
        changed = self.change_flag({"kind": "turnFlagOn"}, rule)
        self.rule = changed["environments"][self.environment]["rules"][0]["_id"]

    @property
    def path(self) -> str:
        """Where the experiments are."""
        return f"/projects/{self.project}/environments/{self.environment}/experiments"

    def make_metric(self, key: str, **more: Any) -> None:
        metric = {"key": key, "name": key.title(), "kind": "custom", **more}
        self.server.ok("POST", f"/metrics/{self.project}", json=metric)

    def make_funnel(self, key: str, *steps: str) -> None:
        me = self.server.ok("GET", "/members/me")["_id"]
        metrics = [{"key": step, "nameInGroup": step.title()} for step in steps]
        group = {"key": key, "name": key.title(), "kind": "funnel", "metrics": metrics, "tags": [], "maintainerId": me}
        self.server.ok("POST", f"/projects/{self.project}/metric-groups", json=group)

    def make_flag(self, key: str, **more: Any) -> Any:
        variations = [{"value": value, "name": value.title()} for value in ("blue", "green", "grey")]
        flag = {"key": key, "name": key.title(), "variations": variations, **more}
        return self.server.ok("POST", f"/flags/{self.project}", json=flag)

    def flag(self, key: str = "button") -> Any:
        return self.server.ok("GET", f"/flags/{self.project}/{key}")

    def config(self, key: str = "button") -> Any:
        """What the flag does in the environment."""
        return self.flag(key)["environments"][self.environment]

    def change_flag(self, *instructions: dict[str, Any], key: str = "button") -> Any:
        body = {"environmentKey": self.environment, "instructions": instructions}
        return self.server.ok("PATCH", f"/flags/{self.project}/{key}", json=body, headers=SEMANTIC)

    def turn(self, kind: str, *, key: str = "button", **parameters: Any) -> Any:
        """Change a flag by one instruction."""
        return self.change_flag({"kind": kind, **parameters}, key=key)

    def treatments(self, *percents: str, flag: str = "button", ids: list[str] | None = None) -> list[dict[str, Any]]:
        """One treatment for each percentage, by the flag's variations in order; the first is the baseline."""
        names = ["Blue", "Green", "Grey"]
        return [
            {
                "name": names[at],
                "baseline": at == 0,
                "allocationPercent": percent,
                "parameters": [{"flagKey": flag, "variationId": (ids or self.variations)[at]}],
            }
            for at, percent in enumerate(percents)
        ]

    def iteration(self, **more: Any) -> dict[str, Any]:
        """What is posted for an iteration: half blue, half green, on the default rule."""
        return {
            "hypothesis": "Green sells more",
            "metrics": [{"key": "sold", "isGroup": False}, {"key": "spent", "isGroup": False}],
            "primarySingleMetricKey": "sold",
            "treatments": self.treatments("50", "50"),
            "flags": {"button": {"ruleId": "fallthrough"}},
            **more,
        }

    def post(self, key: str = "colour", *, iteration: dict[str, Any] | None = None, **more: Any) -> requests.Response:
        """Ask for an experiment."""
        body = {"key": key, "name": key.title(), "iteration": self.iteration(**(iteration or {})), **more}
        return self.server.call("POST", self.path, json=body)

    def create(self, key: str = "colour", *, iteration: dict[str, Any] | None = None, **more: Any) -> Any:
        """Make an experiment."""
        answer = self.post(key, iteration=iteration, **more)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def get(self, key: str = "colour", expand: str = EVERYTHING) -> Any:
        """Read an experiment, all of it unless told otherwise."""
        return self.server.ok("GET", f"{self.path}/{key}?expand={expand}")

    def ask(self, kind: str, *, key: str = "colour", token: str | None = None, **parameters: Any) -> requests.Response:
        """Ask for one instruction to be carried out."""
        body = {"instructions": [{"kind": kind, **parameters}]}
        return self.server.call("PATCH", f"{self.path}/{key}?expand={EVERYTHING}", json=body, token=token)

    def do(self, kind: str, *, key: str = "colour", **parameters: Any) -> Any:
        """Carry one instruction out."""
        answer = self.ask(kind, key=key, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def started(self, key: str = "colour", **more: Any) -> Any:
        """A running experiment."""
        self.create(key, **more)
        return self.do("startIteration", key=key)

    def update(self, *, key: str = "colour", **fields: tuple[Any, ...]) -> requests.Response:
        """Ask for fields to be changed: ``name=("update", "Other")``."""
        updates = {
            name: {"operation": change[0], **({"value": change[1]} if len(change) > 1 else {})}
            for name, change in fields.items()
        }
        return self.ask("updateExperimentFields", key=key, value=updates)

    def audit(self) -> list[Any]:
        """Every change there is, newest first."""
        path = "/auditlog?limit=20"
        return list(self.server.ok("GET", path)["items"])
