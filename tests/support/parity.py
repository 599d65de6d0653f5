"""Flags with every way of targeting, made through the REST API, and contexts that meet all of it."""

from typing import Any

import python_sdk
from ldclient import Context
from shop import Shop

FLAGS = ["banner", "checkout", "retired", "silent", "limits", "button", "never-made"]
MISSING = "not there"
COUNTRIES = ("AT", "DE", "FR", "US", "JP")


def contexts(count: int) -> list[dict[str, Any]]:
    """People, people in organisations, devices: always the same ones."""
    return [_context(number) for number in range(count)]


def set_up_flags(shop: Shop) -> None:
    """Make the flags of ``FLAGS`` (but for the last), the last of them in a running experiment."""
    a, b, c = shop.flag("banner", values=("a", "b", "c"))
    shop.change(
        "banner",
        {"kind": "addTargets", "variationId": b, "values": ["u3", "u8"]},
        {"kind": "addTargets", "variationId": c, "contextKind": "org", "values": ["o2"]},
        {"kind": "addRule", "variationId": b, "clauses": [_clause("country", "in", "AT", "DE")]},
        {
            "kind": "addRule",
            "clauses": [
                _clause("age", "greaterThanOrEqual", 40),
                _clause("email", "endsWith", "@b.example", negate=True),
            ],
            "rolloutWeights": {a: 20_000, b: 30_000, c: 50_000},
            "rolloutContextKind": "org",
        },
        {"kind": "addRule", "variationId": c, "clauses": [_clause("version", "semVerLessThan", "2.0.0")]},
        {"kind": "addRule", "variationId": a, "clauses": [_clause("plan", "matches", "^go", kind="org")]},
        {
            "kind": "updateFallthroughVariationOrRollout",
            "rolloutWeights": {a: 61_234, b: 38_766, c: 0},
            "rolloutBucketBy": "email",
        },
    )
    yes, _ = shop.flag("checkout")
    shop.change(
        "checkout",
        {"kind": "addPrerequisite", "key": "banner", "variationId": a},
        {"kind": "updateFallthroughVariationOrRollout", "variationId": yes},
    )
    shop.flag("retired", values=("old", "new"), on=False)
    shop.flag("silent", on=False)
    shop.edit("silent", {"op": "remove", "path": "/offVariation"})
    few, many = shop.flag("limits", values=({"seats": 5, "names": ["x"]}, {"seats": 500, "names": []}))
    shop.change(
        "limits",
        {
            "kind": "updateFallthroughVariationOrRollout",
            "rolloutWeights": {few: 50_000, many: 50_000},
            "rolloutContextKind": "device",
        },
    )
    shop.metric("order-placed")
    button = shop.flag("button", values=(1, 2.5))
    shop.experiment("button-test", flag="button", variations=button, metric="order-placed", percent=35)


def python_answers(shop: Shop, asked: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """How the official Python SDK answers each context for each flag: the measure for all others."""
    found = []
    with python_sdk.following(shop.server.url, shop.sdk_key, stream=False) as client:
        assert client.is_initialized()
        for context in asked:
            details = [client.variation_detail(flag, Context.from_dict(context), MISSING) for flag in FLAGS]
            found.append([{"value": d.value, "variationIndex": d.variation_index, "reason": d.reason} for d in details])
    return found


def _context(number: int) -> dict[str, Any]:
    person = {
        "key": f"u{number}",
        "country": COUNTRIES[number % 5],
        "age": 18 + number % 50,
        "email": f"u{number}@{'ab'[number % 2]}.example",
        "version": f"{1 + number % 3}.{number % 4}.0",
    }
    if number % 4 == 0:
        plan = ("gold", "free")[number % 8 == 0]
        return {"kind": "multi", "user": person, "org": {"key": f"o{number % 12}", "plan": plan}}
    if number % 9 == 0:
        return {"kind": "device", "key": f"d{number}"}
    return {"kind": "user", **person}


def _clause(attribute: str, op: str, *values: Any, negate: bool = False, kind: str = "user") -> dict[str, Any]:
    return {"contextKind": kind, "attribute": attribute, "op": op, "values": list(values), "negate": negate}
