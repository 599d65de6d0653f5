"""One good custom role and a typical change of it."""

POST = {
    "key": "release-manager",
    "name": "Release manager",
    "description": "Turns flags on and off outside production",
    "policy": [
        {"effect": "allow", "resources": ["proj/*:env/*:flag/*"], "actions": ["updateOn"]},
        {"effect": "deny", "resources": ["proj/*:env/production:flag/*"], "actions": ["*"]},
    ],
    "basePermissions": "reader",
}
PATCH = [
    {"op": "replace", "path": "/name", "value": "Releases"},
    {"op": "add", "path": "/policy/0/actions/-", "value": "updateRules"},
]
