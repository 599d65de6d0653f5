"""One good access token and a typical change of it."""

POST = {"name": "Dashboard", "description": "Reads flags for the wall display", "role": "reader"}
PATCH = [
    {"op": "replace", "path": "/name", "value": "Wall display"},
    {"op": "replace", "path": "/role", "value": "writer"},
]
