"""One good project and a typical change of it."""

POST = {
    "key": "web-shop",
    "name": "Web shop",
    "tags": ["shop"],
    "defaultClientSideAvailability": {"usingMobileKey": True, "usingEnvironmentId": True},
}
PATCH = [
    {"op": "replace", "path": "/name", "value": "Shop"},
    {"op": "add", "path": "/tags/-", "value": "commerce"},
]
