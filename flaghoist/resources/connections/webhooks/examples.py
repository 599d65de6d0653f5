"""One good webhook and a typical change of it."""

POST = {
    "name": "Deployment diary",
    "url": "https://diary.example.com/hooks/flags",
    "sign": True,
    "secret": "a-secret-shared-with-the-diary",
    "on": True,
    "statements": [{"effect": "allow", "resources": ["proj/*:env/production:flag/*"], "actions": ["updateOn"]}],
    "tags": ["operations"],
}
PATCH = [
    {"op": "replace", "path": "/on", "value": False},
    {"op": "replace", "path": "/statements/0/actions", "value": ["*"]},
]
