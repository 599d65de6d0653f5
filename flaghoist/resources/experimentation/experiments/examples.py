"""One good experiment, what it needs to exist first, and a typical change of it."""

from typing import Any

_FLAG = "checkout-button"
_METRIC = "order-placed"

POST: dict[str, Any] = {
    "key": "green-button",
    "name": "Green button",
    "description": "Whether a green button sells more.",
    "tags": ["checkout"],
    "methodology": "bayesian",
    "analysisConfig": {"bayesianThreshold": "95"},
    "iteration": {
        "hypothesis": "A green button is found sooner, so more orders are placed",
        "canReshuffleTraffic": True,
        "primarySingleMetricKey": _METRIC,
        "metrics": [{"key": _METRIC, "isGroup": False}],
        "randomizationUnit": "user",
        "treatments": [
            {"name": "Blue", "baseline": True, "allocationPercent": "50", "parameters": [{"flagKey": _FLAG}]},
            {"name": "Green", "baseline": False, "allocationPercent": "50", "parameters": [{"flagKey": _FLAG}]},
        ],
        "flags": {_FLAG: {"ruleId": "fallthrough", "flagConfigVersion": 1}},
        "attributes": ["country"],
    },
}
PATCH = [
    {"op": "replace", "path": "/name", "value": "Green or blue"},
    {"op": "add", "path": "/tags/-", "value": "colours"},
]


def prepare(server: Any, project: str) -> dict[str, str]:
    """Make the flag and the metric of the experiment, and let its treatments serve that flag's variations."""
    metric = {"key": _METRIC, "name": "Order placed", "kind": "custom", "eventKey": _METRIC}
    server.ok("POST", f"/metrics/{project}", json=metric)
    variations = [{"value": "blue"}, {"value": "green"}]
    flag = server.ok("POST", f"/flags/{project}", json={"key": _FLAG, "name": "Button", "variations": variations})
    iteration = POST["iteration"]
    for treatment, variation in zip(iteration["treatments"], flag["variations"], strict=True):
        treatment["parameters"][0]["variationId"] = variation["_id"]
    iteration["flags"][_FLAG]["flagConfigVersion"] = flag["environments"]["test"]["version"]
    return {}
