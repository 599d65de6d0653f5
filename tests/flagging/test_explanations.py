"""Why does this context get that? Asked over the API, answered step by step, in the words of the flag."""

from typing import Any

import pytest
from servers import Server

Body = dict[str, Any]
ANN = {"kind": "user", "key": "ann", "plan": "free", "age": 31}
NOBODY = [{"effect": "deny", "resources": ["*"], "actions": ["*"]}]


class Shop:
    """A project with a flag that depends on another, names people, and has rules."""

    def __init__(self, server: Server, project: str) -> None:
        self.server, self.project = server, project
        self.make("payments", variations=[{"value": "off"}, {"value": "on", "name": "Live"}])
        self.instruct("payments", {"kind": "turnFlagOn"})
        self.make("checkout", variations=[{"value": "old", "name": "Old"}, {"value": "new", "name": "New"}])

    def make(self, key: str, **more: Any) -> None:
        self.server.ok("POST", f"/flags/{self.project}", json={"key": key, "name": key.title(), **more})

    def instruct(self, key: str, *instructions: Body, environment: str = "test") -> Body:
        body = {"environmentKey": environment, "instructions": list(instructions)}
        changed: Body = self.server.ok("PATCH", f"/flags/{self.project}/{key}", json=body)
        return changed

    def variation(self, key: str, index: int) -> str:
        flag = self.server.ok("GET", f"/flags/{self.project}/{key}")
        return str(flag["variations"][index]["_id"])

    def rule(self, variation: int, *clauses: Body, **more: Any) -> None:
        serve = {"variationId": self.variation("checkout", variation)}
        self.instruct("checkout", {"kind": "addRule", "clauses": list(clauses), **serve, **more})

    def path(self, key: str = "checkout", environment: str = "test") -> str:
        return f"/internal/projects/{self.project}/environments/{environment}/flags/{key}/explain"

    def explain(self, context: Body, **where: str) -> Body:
        explained: Body = self.server.ok("POST", self.path(**where), json={"context": context})
        return explained


@pytest.fixture
def shop(server: Server, project: str) -> Shop:
    return Shop(server, project)


def test_a_flag_that_is_off_says_so_and_asks_nothing_further(shop: Shop) -> None:
    shop.rule(1, {"attribute": "plan", "op": "in", "values": ["free"]})
    explained = shop.explain(ANN)
    assert (explained["value"], explained["variation"], explained["variationName"]) == ("new", 1, "New")
    assert explained["reason"] == {"kind": "OFF"}
    assert (explained["environmentKey"], explained["contextKey"]) == ("test", "ann")
    flag = explained["flag"]
    assert (flag["on"], flag["decidedBy"]) == (False, "off")
    assert [rule["answer"] for rule in flag["rules"]] == []


def test_each_clause_says_what_it_asked_and_what_it_was_told(shop: Shop) -> None:
    shop.instruct("checkout", {"kind": "turnFlagOn"})
    shop.rule(
        1,
        {"attribute": "plan", "op": "in", "values": ["pro", "team"]},
        {"attribute": "age", "op": "greaterThan", "values": [30]},
        {"attribute": "city", "op": "in", "values": ["Graz"], "negate": True},
        {"attribute": "age", "op": "startsWith", "values": ["3"], "negate": True},
        {"contextKind": "org", "attribute": "key", "op": "in", "values": ["acme"]},
        description="Paying customers",
    )
    shop.rule(1, {"attribute": "plan", "op": "in", "values": ["free"], "negate": True})
    explained = shop.explain(ANN)
    assert (explained["value"], explained["reason"]) == ("old", {"kind": "FALLTHROUGH"})
    first, second = explained["flag"]["rules"]
    told = [
        (clause.get("value"), clause["because"], clause["answer"], clause["fitting"], clause["asked"])
        for clause in first["clauses"]
    ]
    assert told == [
        ("free", "noneFits", "notMatched", [], True),
        (31, "fits", "matched", [30], False),
        (None, "attributeMissing", "notMatched", [], False),
        (31, "wrongType", "matched", [], False),
        (None, "kindMissing", "notMatched", [], False),
    ]
    assert second["clauses"][0]["because"] == "fits", "it fits, but the clause is negated"
    assert [first["answer"], second["answer"]] == ["notMatched", "notMatched"]
    assert explained["flag"]["fallthrough"]["variation"] == 0
    labels = explained["labels"]["checkout"]
    assert (labels["name"], labels["variations"]) == ("Checkout", ["Old", "New"])
    assert [(rule["description"], rule["index"]) for rule in labels["rules"]] == [("Paying customers", 0), ("", 1)]


def test_a_rule_that_is_switched_off_is_named_but_not_counted(shop: Shop) -> None:
    shop.instruct("checkout", {"kind": "turnFlagOn"})
    shop.rule(1, {"attribute": "plan", "op": "in", "values": ["free"]}, description="Resting")
    shop.rule(1, {"attribute": "age", "op": "in", "values": [31]}, description="Thirty-one")
    flag = shop.server.ok("GET", f"/flags/{shop.project}/checkout")
    resting, awake = (rule["_id"] for rule in flag["environments"]["test"]["rules"])
    patch = [{"op": "add", "path": "/environments/test/rules/0/disabled", "value": True}]
    shop.server.ok("PATCH", f"/flags/{shop.project}/checkout", json=patch)
    explained = shop.explain(ANN)
    assert explained["reason"] == {"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": awake}
    labels = explained["labels"]["checkout"]["rules"]
    assert [(rule["_id"], rule["index"]) for rule in labels] == [(resting, None), (awake, 0)]


def test_a_prerequisite_brings_its_own_explanation(shop: Shop) -> None:
    live = shop.variation("payments", 1)
    shop.instruct(
        "checkout", {"kind": "turnFlagOn"}, {"kind": "addPrerequisite", "key": "payments", "variationId": live}
    )
    shop.instruct("payments", {"kind": "addTargets", "variationId": live, "values": ["bob"]})
    explained = shop.explain(ANN)
    assert explained["reason"] == {"kind": "PREREQUISITE_FAILED", "prerequisiteKey": "payments"}
    assert explained["flag"]["prerequisites"] == [
        {"key": "payments", "variation": 1, "served": 0, "outcome": "otherVariation"}
    ]
    payments = explained["prerequisites"]["payments"]
    assert (payments["decidedBy"], payments["variation"]) == ("fallthrough", 0)
    assert payments["targets"] == [
        {"contextKind": "user", "variation": 1, "keyCount": 1, "key": "ann", "matched": False}
    ]
    assert explained["labels"]["payments"]["variations"] == ["off", "Live"]
    bob = shop.explain({"kind": "user", "key": "bob"})
    assert bob["flag"]["prerequisites"][0]["outcome"] == "met"
    assert (bob["prerequisites"]["payments"]["decidedBy"], bob["reason"]["kind"]) == ("target", "FALLTHROUGH")


def test_a_rollout_says_where_the_context_falls_and_why_there(shop: Shop) -> None:
    old, new = shop.variation("checkout", 0), shop.variation("checkout", 1)
    rollout = {"rolloutWeights": {old: 20_000, new: 80_000}, "rolloutBucketBy": "plan"}
    shop.instruct("checkout", {"kind": "turnFlagOn"}, {"kind": "updateFallthroughVariationOrRollout", **rollout})
    salt = shop.server.ok("GET", f"/flags/{shop.project}/checkout")["environments"]["test"]["salt"]
    explained = shop.explain(ANN)
    served = explained["flag"]["fallthrough"]
    told = served["rollout"]
    assert (told["attribute"], told["value"], told["hashed"]) == ("plan", "free", True)
    assert told["seed"] == f"checkout.{salt}"
    assert [(share["weight"], share["below"]) for share in told["shares"]] == [(20_000, 0.2), (80_000, 1.0)]
    chosen = told["shares"][told["chosen"]]
    assert chosen["above"] <= told["bucket"] < chosen["below"]
    assert chosen["variation"] == served["variation"] == explained["variation"]


def test_an_archived_flag_is_no_longer_delivered(shop: Shop) -> None:
    shop.instruct("checkout", {"kind": "archiveFlag"})
    explained = shop.explain(ANN)
    assert (explained["archived"], explained["variation"]) == (True, None)
    assert explained["reason"] == {"kind": "ERROR", "errorKind": "FLAG_NOT_FOUND"}
    assert "flag" not in explained


def test_many_contexts_in_many_environments_at_once(shop: Shop) -> None:
    shop.instruct("checkout", {"kind": "turnFlagOn"}, environment="production")
    path = f"/internal/projects/{shop.project}/flags/checkout/explain"
    both = [ANN, {"kind": "multi", "user": {"key": "bob"}, "org": {"key": "acme"}}]
    cells = shop.server.ok("POST", path, json={"contexts": both, "environments": ["production", "test"]})["items"]
    assert [(cell["contextIndex"], cell["environmentKey"], cell["value"]) for cell in cells] == [
        (0, "production", "old"),
        (0, "test", "new"),
        (1, "production", "old"),
        (1, "test", "new"),
    ]
    assert cells[2]["contextKey"] == "org:acme:user:bob"
    everywhere = shop.server.ok("POST", path, json={"contexts": [ANN]})["items"]
    assert {cell["environmentKey"] for cell in everywhere} == {"production", "test"}
    too_many = shop.server.call("POST", path, json={"contexts": [ANN] * 251})
    assert too_many.status_code == 400
    assert "500" in too_many.json()["message"]
    unknown = shop.server.call("POST", path, json={"contexts": [ANN], "environments": ["nowhere"]})
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"kind": "user"}, "context: context of kind 'user' must have a non-empty string as its 'key'"),
        ({"kind": "kind", "key": "a"}, "context: 'kind' cannot be a context kind"),
        ("ann", "context: a context must be a JSON object"),
    ],
)
def test_a_context_that_no_sdk_would_send_is_refused(shop: Shop, context: Any, message: str) -> None:
    answer = shop.server.call("POST", shop.path(), json={"context": context})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


def test_only_those_who_may_view_the_project_are_told(shop: Shop) -> None:
    powerless = shop.server.token_for(inlineRole=NOBODY)
    answer = shop.server.call("POST", shop.path(), json={"context": ANN}, token=powerless)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert shop.server.call("POST", shop.path("nothing"), json={"context": ANN}).status_code == 404
    assert shop.server.call("POST", shop.path(environment="nowhere"), json={"context": ANN}).status_code == 404
