"""One good flag and a typical change of it."""

POST = {
    "key": "new-checkout",
    "name": "New checkout",
    "description": "The checkout in one step",
    "tags": ["checkout"],
    "variations": [
        {"value": "one-step", "name": "One step"},
        {"value": "three-steps", "name": "Three steps", "description": "As it has been"},
    ],
    "defaults": {"onVariation": 0, "offVariation": 1},
}
PATCH = [
    {"op": "replace", "path": "/environments/test/on", "value": True},
    {
        "op": "add",
        "path": "/environments/test/rules/0",
        "value": {
            "clauses": [{"contextKind": "user", "attribute": "country", "op": "in", "values": ["CH"], "negate": False}],
            "variation": 0,
        },
    },
    {"op": "add", "path": "/environments/test/targets/-", "value": {"variation": 1, "values": ["ann"]}},
    {"op": "replace", "path": "/description", "value": "The checkout in one step instead of three"},
]
