"""A flag in one environment as SDKs receive it."""

from flaghoist.core.resource import Body, Projection
from flaghoist.core.work import Document, Facet


def project(flag: Document, config: Facet | None, _environment_key: str) -> Projection | None:
    """What server-side SDKs evaluate: every array and every truth value is said. Archived flags are not delivered."""
    assert config is not None, "a flag has a part in every environment"
    if flag.body["archived"]:
        return None
    reach = flag.body["clientSideAvailability"]
    item = {
        "key": flag.body["key"],
        "on": config.body["on"],
        "variations": [variation["value"] for variation in flag.body["variations"]],
        "offVariation": config.body.get("offVariation"),
        "fallthrough": _serve(config.body["fallthrough"]),
        "prerequisites": [
            {"key": prerequisite["key"], "variation": prerequisite["variation"]}
            for prerequisite in config.body["prerequisites"]
        ],
        "targets": [_target(target) for target in config.body["targets"]],
        "contextTargets": [_target(target) for target in config.body["contextTargets"]],
        "rules": [_rule(rule) for rule in config.body["rules"] if not rule.get("disabled")],
        "salt": config.body["salt"],
        "trackEvents": config.body["trackEvents"],
        "trackEventsFallthrough": config.body["trackEventsFallthrough"],
        "debugEventsUntilDate": None,
        # Some SDKs read only the older of these two.
        "clientSide": reach["usingEnvironmentId"],
        "clientSideAvailability": {
            "usingMobileKey": reach["usingMobileKey"],
            "usingEnvironmentId": reach["usingEnvironmentId"],
        },
    }
    if flag.body.get("purpose") == "migration":
        item["migration"] = {"checkRatio": config.body.get("migrationSettings", {}).get("checkRatio", 1)}
    return Projection("flags", flag.body["key"], item)


def _target(target: Body) -> Body:
    return {"contextKind": target["contextKind"], "variation": target["variation"], "values": target["values"]}


def _rule(rule: Body) -> Body:
    return {
        "id": rule["_id"],
        "clauses": [_clause(clause) for clause in rule["clauses"]],
        "trackEvents": rule["trackEvents"],
        **_serve(rule),
    }


def _clause(clause: Body) -> Body:
    return {
        "contextKind": clause["contextKind"],
        "attribute": clause["attribute"],
        "op": clause["op"],
        "values": clause["values"],
        "negate": clause["negate"],
    }


def _serve(serve: Body) -> Body:
    if "rollout" not in serve:
        return {"variation": serve["variation"]}
    rollout = serve["rollout"]
    wire = {
        "kind": "experiment" if "experimentAllocation" in rollout else "rollout",
        "contextKind": rollout["contextKind"],
        "variations": [
            {
                "variation": share["variation"],
                "weight": share["weight"],
                "untracked": share.get("_untracked", False),
            }
            for share in rollout["variations"]
        ],
    }
    # Without a seed the flag's key and salt decide; a null one would be taken for a seed by some SDKs.
    optional = {name: rollout[name] for name in ("bucketBy", "seed") if name in rollout}
    return {"rollout": {**wire, **optional}}
