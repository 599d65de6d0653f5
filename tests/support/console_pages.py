"""Every page of the console, as tests and screenshots visit them in the shop of `living.py`."""

from urllib.parse import quote

_MEMBER = quote('{"kind": "user", "key": "leo", "plan": "gold", "country": "AT"}')

PAGES = {
    "flags": "/projects/web-shop/production/flags",
    "flag": "/projects/web-shop/production/flags/free-shipping",
    "flag-variations": "/projects/web-shop/production/flags/free-shipping?tab=variations",
    "flag-explain": "/projects/web-shop/production/flags/free-shipping?tab=explain",
    "flag-explained": f"/projects/web-shop/production/flags/free-shipping?tab=explain&context={_MEMBER}",
    "flag-in-code": "/projects/web-shop/production/flags/free-shipping?tab=use",
    "flag-history": "/projects/web-shop/production/flags/free-shipping?tab=history",
    "flag-settings": "/projects/web-shop/production/flags/free-shipping?tab=settings",
    "metrics": "/projects/web-shop/production/metrics",
    "metric": "/projects/web-shop/production/metrics/order-value",
    "metric-new": "/projects/web-shop/production/metrics/new",
    "metric-edited": "/projects/web-shop/production/metrics/order-value/edit",
    "experiments": "/projects/web-shop/production/experiments",
    "experiment": "/projects/web-shop/production/experiments/checkout-2026",
    "experiment-results": "/projects/web-shop/production/experiments/checkout-2026?tab=results",
    "experiment-design": "/projects/web-shop/production/experiments/checkout-2026?tab=design",
    "experiment-iterations": "/projects/web-shop/production/experiments/checkout-2026?tab=iterations",
    "experiment-draft": "/projects/web-shop/production/experiments/search-quality",
    "experiment-new": "/projects/web-shop/production/experiments/new",
    "events": "/projects/web-shop/production/events",
    "environments": "/projects/web-shop/production/settings",
    "projects": "/settings/projects",
    "members": "/settings/members",
    "tokens": "/settings/tokens",
    "audit": "/settings/audit",
    "account": "/settings/account",
}

EMPTY_PAGES = {
    f"empty-{name}": f"/projects/new-shop/production/{name}" for name in ("flags", "metrics", "experiments", "events")
}
"""A project in which nobody has done anything yet."""

ENTRANCES = {"sign-in": "/sign-in", "welcome": "/welcome?token=nobody-has-this"}
"""Pages for those who are not signed in."""
