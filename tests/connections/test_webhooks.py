"""Webhooks: kept like any other resource, and told of what they ask for as it happens."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from typing import Any

import launchdarkly_api
import pytest
from launchdarkly_api.models import PatchOperation, StatementPost, WebhookPost
from receivers import Delivery, Receiver, status
from servers import Server

SECRET = "a secret of more than sixteen letters"
Hook = Callable[..., dict[str, Any]]


@pytest.fixture
def hook(telling: Server) -> Iterator[Hook]:
    """Makes webhooks that are gone after the test."""
    made: list[str] = []

    def make(receiver: Receiver, *statements: tuple[str, str, str], **more: Any) -> dict[str, Any]:
        rules = [{"effect": effect, "resources": [where], "actions": [what]} for effect, where, what in statements]
        post = {"url": receiver.url, "sign": False, "on": True, "statements": rules, **more}
        webhook: dict[str, Any] = telling.ok("POST", "/webhooks", json=post)
        made.append(webhook["_id"])
        return webhook

    yield make
    for each in made:
        telling.call("DELETE", f"/webhooks/{each}")


def flag(server: Server, project: str, key: str, **more: Any) -> None:
    server.ok("POST", f"/flags/{project}", json={"key": key, "name": key.title(), **more})


def turn(server: Server, project: str, key: str, *, on: bool, environment: str = "production") -> None:
    act = {"environmentKey": environment, "instructions": [{"kind": "turnFlagOn" if on else "turnFlagOff"}]}
    server.ok(
        "PATCH",
        f"/flags/{project}/{key}",
        json=act,
        headers={"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"},
    )


def titles(deliveries: list[Delivery]) -> list[str]:
    """What was told, in a few words."""
    return sorted(f"{each.body['titleVerb']} {each.body['name']}" for each in deliveries)


def of_kinds(deliveries: list[Delivery], *kinds: str) -> list[Delivery]:
    return [each for each in deliveries if each.body["kind"] in kinds]


def test_the_official_client_keeps_webhooks(server: Server, api: Any) -> None:
    webhooks = launchdarkly_api.WebhooksApi(api)
    made = webhooks.post_webhook(
        WebhookPost(
            url="https://diary.example.com/hook",
            sign=True,
            on=False,
            name="Diary",
            tags=["a"],
            statements=[StatementPost(effect="allow", resources=["proj/*"], actions=["*"])],
        )
    )
    assert made.secret is not None
    assert len(made.secret) >= 24
    assert (made.url, made.on, made.name, made.tags) == ("https://diary.example.com/hook", False, "Diary", ["a"])
    assert "updateSecret" in [each.action for each in made.access.allowed]
    changed = webhooks.patch_webhook(
        made.id,
        [
            PatchOperation(op="replace", path="/url", value="https://other.example.com"),
            PatchOperation(op="replace", path="/secret", value="given"),
            PatchOperation(op="replace", path="/tags", value=["b"]),
            PatchOperation(op="replace", path="/statements", value=[]),
        ],
    )
    assert (changed.url, changed.secret, changed.tags, changed.statements) == (
        "https://other.example.com",
        "given",
        ["b"],
        [],
    )
    assert webhooks.get_webhook(made.id) == changed
    assert made.id in [each.id for each in webhooks.get_all_webhooks().items]
    webhooks.delete_webhook(made.id)
    assert server.call("GET", f"/webhooks/{made.id}").status_code == 404
    plain = webhooks.post_webhook(WebhookPost(url="https://diary.example.com", sign=False, on=False, secret="unused"))
    assert plain.secret is None
    webhooks.delete_webhook(plain.id)


def test_infrastructure_tools_may_send_what_they_do_not_know(server: Server) -> None:
    post = {"url": "https://diary.example.com", "sign": False, "on": False, "name": None, "secret": None, "tags": None}
    made = server.ok("POST", "/webhooks", json={**post, "statements": None})
    assert (made["name"], made["tags"], made["statements"]) == ("", [], [])
    add = [{"op": "add", "path": "/secret", "value": SECRET}]
    assert server.ok("PATCH", f"/webhooks/{made['_id']}", json=add)["secret"] == SECRET
    empty = [{"op": "replace", "path": "/secret", "value": ""}]
    assert "secret" not in server.ok("PATCH", f"/webhooks/{made['_id']}", json=empty)
    server.ok("DELETE", f"/webhooks/{made['_id']}")


def test_the_secret_is_for_those_who_may_change_it_and_for_no_log(server: Server) -> None:
    post = {"url": "https://diary.example.com", "sign": True, "on": False, "secret": SECRET}
    path = f"/webhooks/{server.ok('POST', '/webhooks', json=post)['_id']}"
    reader = server.token_for(role="reader")
    assert server.ok("GET", path)["secret"] == SECRET
    for answer in (server.call("GET", path, token=reader), server.call("GET", "/webhooks", token=reader)):
        assert answer.status_code == 200
        assert SECRET not in answer.text
    new = "another secret of more than sixteen letters"
    server.ok("PATCH", path, json=[{"op": "replace", "path": "/secret", "value": new}])
    server.ok("DELETE", path)
    entries = server.ok("GET", "/auditlog?spec=webhook/*&limit=20")["items"]
    whole = [server.ok("GET", f"/auditlog/{each['_id']}") for each in entries]
    assert {"createWebhook", "updateSecret", "deleteWebhook"} <= {e["accesses"][0]["action"] for e in whole}
    assert not [secret for secret in (SECRET, new) if secret in str(whole)]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("diary.example.com", "http://"),
        ("ftp://diary.example.com", "http://"),
        ("http://127.0.0.1:8800/", "not a public address"),
        ("http://169.254.169.254/latest", "not a public address"),
        ("http://[::ffff:10.0.0.1]/", "not a public address"),
        ("http://2130706433/", "usual form"),
        ("https://diary.example.com:22/", "port 22"),
    ],
)
def test_an_address_that_cannot_be_delivered_to_is_refused_with_the_reason(server: Server, url: str, why: str) -> None:
    answer = server.call("POST", "/webhooks", json={"url": url, "sign": False, "on": True})
    assert answer.status_code == 400
    assert why in answer.json()["message"]
    post = {"url": "https://diary.example.com", "sign": False, "on": False}
    path = f"/webhooks/{server.ok('POST', '/webhooks', json=post)['_id']}"
    refused = server.call("PATCH", path, json=[{"op": "replace", "path": "/url", "value": url}])
    assert refused.status_code == 400
    assert server.ok("GET", path)["url"] == post["url"]
    server.ok("DELETE", path)


def test_a_change_is_told_as_its_audit_entry_and_signed(
    telling: Server, receiving: Callable[[], Receiver], hook: Hook
) -> None:
    receiver = receiving()
    project = telling.project()["key"]
    hook(receiver, ("allow", f"proj/{project}:env/*:flag/*", "*"), sign=True, secret=SECRET)
    flag(telling, project, "checkout")
    turn(telling, project, "checkout", on=True)
    deliveries = receiver.wait(lambda found: len(found) >= 2)
    assert titles(deliveries) == ["created the flag Checkout", "turned on the flag Checkout"]
    for each in deliveries:
        assert each.body == telling.ok("GET", f"/auditlog/{each.body['_id']}")
        expected = hmac.new(SECRET.encode(), each.raw, hashlib.sha256).hexdigest()
        assert each.headers["X-LD-Signature"] == expected
    (turned,) = [each.body for each in deliveries if each.body["titleVerb"].startswith("turned")]
    assert turned["accesses"] == [{"action": "updateOn", "resource": f"proj/{project}:env/production:flag/checkout"}]
    assert turned["previousVersion"]["environments"]["production"]["on"] is False
    assert turned["currentVersion"]["environments"]["production"]["on"] is True


def test_statements_choose_what_is_told(telling: Server, receiving: Callable[[], Receiver], hook: Hook) -> None:
    everything, switches, risky = receiving(), receiving(), receiving()
    project = telling.project()["key"]
    hook(everything)
    hook(switches, ("allow", f"proj/{project}:env/production:flag/*", "updateOn"), ("deny", "proj/*:env/*:flag/b", "*"))
    hook(risky, ("allow", f"proj/{project}:env/*:flag/*;risky", "*"))
    flag(telling, project, "a", tags=["risky"])
    flag(telling, project, "b")
    for key in ("a", "b"):
        turn(telling, project, key, on=True)
        turn(telling, project, key, on=True, environment="test")
        telling.ok("DELETE", f"/flags/{project}/{key}")
    reader = telling.token_for(role="reader")
    assert telling.call("POST", f"/flags/{project}", token=reader, json={"key": "c", "name": "C"}).status_code == 403
    telling.ok("PATCH", f"/projects/{project}?dryRun=true", json=[{"op": "replace", "path": "/name", "value": "x"}])
    telling.ok("PATCH", f"/projects/{project}", json=[{"op": "replace", "path": "/name", "value": "last"}])
    heard = of_kinds(everything.wait(lambda found: len(of_kinds(found, "flag", "project")) >= 9), "flag", "project")
    assert titles(heard) == [
        "changed the name of last", "created the flag A", "created the flag B", "deleted the flag A",
        "deleted the flag B", "turned on the flag A", "turned on the flag A", "turned on the flag B",
        "turned on the flag B",
    ]  # fmt: skip
    assert titles(switches.wait(lambda found: len(found) >= 1)) == ["turned on the flag A"]
    assert titles(risky.wait(lambda found: len(found) >= 4)) == [
        "created the flag A", "deleted the flag A", "turned on the flag A", "turned on the flag A",
    ]  # fmt: skip


def test_a_webhook_that_is_off_or_gone_hears_nothing(
    telling: Server, receiving: Callable[[], Receiver], hook: Hook
) -> None:
    off, gone, witness = receiving(), receiving(), receiving()
    project = telling.project()["key"]
    flag(telling, project, "before")
    where = ("allow", f"proj/{project}:env/*:flag/*", "*")
    quiet, deleted = hook(off, where, on=False), hook(gone, where)
    telling.ok("DELETE", f"/webhooks/{deleted['_id']}")
    hook(witness, where)
    flag(telling, project, "meanwhile")
    witness.wait(lambda found: len(found) == 1)
    telling.ok("PATCH", f"/webhooks/{quiet['_id']}", json=[{"op": "replace", "path": "/on", "value": True}])
    flag(telling, project, "after")
    assert titles(off.wait(lambda found: len(found) >= 1)) == ["created the flag After"]
    assert titles(witness.wait(lambda found: len(found) >= 2)) == [
        "created the flag After",
        "created the flag Meanwhile",
    ]
    assert gone.deliveries == []


def test_a_receiver_that_fails_is_told_again_and_another_hears_at_once(
    telling: Server, receiving: Callable[[], Receiver], hook: Hook
) -> None:
    failing, fine = receiving(), receiving()
    failing.answer = status(503)
    project = telling.project()["key"]
    where = ("allow", f"proj/{project}:env/*:flag/*", "*")
    hook(failing, where)
    hook(fine, where)
    flag(telling, project, "checkout")
    fine.wait(lambda found: len(found) == 1)
    failing.wait(lambda found: len(found) >= 1)
    failing.answer = status(200)
    again = failing.wait(lambda found: len(found) >= 2)
    assert again[0].raw == again[1].raw
    assert len(failing.ids()) == 1
