"""One good metric and a typical change of it."""

POST = {
    "key": "checkout-latency",
    "name": "Checkout latency",
    "description": "How long a checkout takes, from the last click to the receipt.",
    "kind": "custom",
    "eventKey": "checkout-finished",
    "isNumeric": True,
    "unit": "ms",
    "successCriteria": "LowerThanBaseline",
    "tags": ["checkout"],
    "filters": {
        "type": "group",
        "op": "and",
        "negate": False,
        "values": [
            {"type": "eventProperty", "attribute": "currency", "op": "in", "values": ["EUR", "USD"], "negate": False},
            {"type": "contextAttribute", "attribute": "employee", "op": "in", "values": [True], "negate": True},
        ],
    },
}
PATCH = [
    {"op": "replace", "path": "/name", "value": "Checkout time"},
    {"op": "replace", "path": "/analysisUnits", "value": ["user", "device"]},
    {"op": "replace", "path": "/eventDefault/disabled", "value": True},
    {"op": "add", "path": "/tags/-", "value": "speed"},
]
