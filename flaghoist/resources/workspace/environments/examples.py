"""One good environment and a typical change of it."""

POST = {"key": "staging", "name": "Staging", "color": "0a7cff", "tags": ["shared"], "secureMode": True}
PATCH = [
    {"op": "replace", "path": "/name", "value": "Stage"},
    {"op": "replace", "path": "/critical", "value": True},
]
