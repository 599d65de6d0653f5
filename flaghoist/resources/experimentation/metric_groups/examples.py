"""One good metric group, what it needs to exist first, and a typical change of it."""

from typing import Any

POST: dict[str, Any] = {
    "key": "checkout-funnel",
    "name": "Checkout funnel",
    "kind": "funnel",
    "description": "From the basket to the receipt.",
    "tags": ["checkout"],
    "metrics": [
        {"key": "opened-basket", "nameInGroup": "Basket opened"},
        {"key": "paid", "nameInGroup": "Paid"},
    ],
}
PATCH = [
    {"op": "replace", "path": "/name", "value": "From basket to receipt"},
    {"op": "replace", "path": "/metrics/1/nameInGroup", "value": "Order paid"},
]


def prepare(server: Any, project: str) -> dict[str, str]:
    """Make the metrics that the group is of, and let whoever made them look after it."""
    for member in POST["metrics"]:
        metric = {"key": member["key"], "kind": "custom", "eventKey": member["key"], "isNumeric": False}
        made = server.ok("POST", f"/metrics/{project}", json=metric)
        POST["maintainerId"] = made["maintainerId"]
    return {}
