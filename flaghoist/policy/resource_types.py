"""Which kinds of resource a policy can name, and what each of them lies in."""

from difflib import get_close_matches

_ROOT = ((),)
_IN_PROJECT = (("proj",),)
_IN_ENVIRONMENT = (("proj", "env"),)

RESOURCE_TYPES: dict[str, tuple[tuple[str, ...], ...]] = {
    # Of the account.
    "acct": _ROOT,
    "application": _ROOT,
    "code-reference-repository": _ROOT,
    "domain-verification": _ROOT,
    "integration": _ROOT,
    "ip-allowlist": _ROOT,
    "member": _ROOT,
    "oauth-client": _ROOT,
    "pending-request": _ROOT,
    "proj": _ROOT,
    "relay-proxy-config": _ROOT,
    "role": _ROOT,
    "service-token": _ROOT,
    "team": _ROOT,
    "template": _ROOT,
    "webhook": _ROOT,
    "token": (("member",),),
    # Of a project.
    "agent-graph": _IN_PROJECT,
    "agent-optimization": _IN_PROJECT,
    "agent-skill": _IN_PROJECT,
    "ai-model-config": _IN_PROJECT,
    "ai-tool": _IN_PROJECT,
    "aiconfig": (("proj",), ("proj", "env")),
    "alert": _IN_PROJECT,
    "context-kind": _IN_PROJECT,
    "env": _IN_PROJECT,
    "error": _IN_PROJECT,
    "layer": _IN_PROJECT,
    "log": _IN_PROJECT,
    "metric": _IN_PROJECT,
    "metric-group": _IN_PROJECT,
    "prompt-snippet": _IN_PROJECT,
    "release-pipeline": _IN_PROJECT,
    "release-policy": _IN_PROJECT,
    "session": _IN_PROJECT,
    "trace": _IN_PROJECT,
    "view": _IN_PROJECT,
    # Of an environment.
    "adaptive-trigger": _IN_ENVIRONMENT,
    "assignment-data-source": _IN_ENVIRONMENT,
    "destination": _IN_ENVIRONMENT,
    "experiment": _IN_ENVIRONMENT,
    "flag": _IN_ENVIRONMENT,
    "holdout": _IN_ENVIRONMENT,
    "notification-subscription": _IN_ENVIRONMENT,
    "product-analytics-dashboard": _IN_ENVIRONMENT,
    "request": _IN_ENVIRONMENT,
    "segment": _IN_ENVIRONMENT,
    "user": _IN_ENVIRONMENT,
}
"""Each type with the chains of parents it may have, outermost first; ``()`` for a resource of the account itself."""

NAMELESS_TYPES = frozenset({"acct", "ip-allowlist"})
"""The types of which an account has exactly one, so that they are written without a name."""


def closest_type(text: str) -> str | None:
    """The known type a misspelt one was probably meant to be."""
    close = get_close_matches(text.lower(), RESOURCE_TYPES, n=1)
    return close[0] if close else None
