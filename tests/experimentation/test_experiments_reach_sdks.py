"""What an experiment does to the people in it, seen by the official SDK on an open stream."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import ldclient
import pytest
import python_sdk
from laboratory import Laboratory
from ldclient import Context
from servers import Server

PEOPLE = [f"person-{number}" for number in range(4_000)]


@pytest.fixture
def lab(server: Server) -> Laboratory:
    return Laboratory(server)


@pytest.fixture
def sdk(lab: Laboratory) -> Iterator[ldclient.LDClient]:
    """The official server-side SDK, following the environment of the laboratory."""
    key = lab.server.ok("GET", f"/projects/{lab.project}/environments/test")["apiKey"]
    with python_sdk.following(lab.server.url, key) as client:
        assert client.is_initialized()
        yield client


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def served(sdk: ldclient.LDClient, **attributes: Any) -> dict[str, tuple[Any, bool]]:
    """What each person gets, and whether they are in the experiment."""
    found = {}
    for key in PEOPLE:
        context = Context.from_dict({"kind": "user", "key": key, **attributes})
        detail = sdk.variation_detail("button", context, None)
        found[key] = (detail.value, bool(detail.reason.get("inExperiment")))
    return found


def in_experiment(sdk: ldclient.LDClient, **attributes: Any) -> bool:
    """Whether anybody of a few is."""
    people = [Context.from_dict({"kind": "user", "key": key, **attributes}) for key in PEOPLE[:200]]
    return any(sdk.variation_detail("button", one, None).reason.get("inExperiment") for one in people)


def share(found: dict[str, tuple[Any, bool]], value: str, *, inside: bool) -> float:
    return sum(each == (value, inside) for each in found.values()) / len(found)


def test_people_are_given_to_treatments_as_promised(lab: Laboratory, sdk: ldclient.LDClient) -> None:
    not_in = {"button": {"ruleId": "fallthrough", "notInExperimentVariationId": lab.variations[2]}}
    assert not in_experiment(sdk)
    lab.started(iteration={"treatments": lab.treatments("30", "20"), "flags": not_in})
    until(lambda: in_experiment(sdk))
    found = served(sdk)
    # Four standard deviations of a share among 4 000: 0.032 at most.
    assert share(found, "blue", inside=True) == pytest.approx(0.30, abs=0.032)
    assert share(found, "green", inside=True) == pytest.approx(0.20, abs=0.032)
    assert share(found, "grey", inside=False) == pytest.approx(0.50, abs=0.032)
    assert share(found, "blue", inside=False) == share(found, "green", inside=False) == 0
    detail = sdk.variation_detail("button", Context.create("org-1", "organization"), None)
    assert "inExperiment" not in detail.reason, "who has no such kind is not counted"
    lab.do("stopIteration", winningTreatmentId=lab.variations[1], winningReason="It sells")
    until(lambda: not in_experiment(sdk))
    assert set(served(sdk).values()) == {("green", False)}, "the winner is everybody's"


def test_a_rule_under_test_leaves_everybody_else_alone(lab: Laboratory, sdk: ldclient.LDClient) -> None:
    lab.started(iteration={"flags": {"button": {"ruleId": lab.rule}}})
    until(lambda: in_experiment(sdk, tester=True))
    assert set(served(sdk).values()) == {("blue", False)}
    testers = served(sdk, tester=True)
    assert share(testers, "blue", inside=True) == pytest.approx(0.5, abs=0.032)
    assert share(testers, "green", inside=True) == pytest.approx(0.5, abs=0.032)


def test_a_growing_experiment_moves_nobody_who_is_in_it(lab: Laboratory, sdk: ldclient.LDClient) -> None:
    lab.started(iteration={"treatments": lab.treatments("10", "10"), "canReshuffleTraffic": False})
    until(lambda: in_experiment(sdk))
    before = served(sdk)
    seed = lab.config()["version"]
    grown = {"treatments": {"operation": "update", "value": lab.treatments("35", "25")}}
    lab.do("saveAndStartNewIteration", changeJustification="No harm done", value=grown)
    assert lab.config()["version"] > seed
    until(lambda: share(served(sdk), "blue", inside=True) > 0.3)
    after = served(sdk)
    inside = [key for key, (_, counted) in before.items() if counted]
    assert len(inside) / len(PEOPLE) == pytest.approx(0.2, abs=0.032)
    assert all(after[key] == before[key] for key in inside)
    assert share(after, "green", inside=True) == pytest.approx(0.25, abs=0.032)


def test_the_unit_of_the_experiment_decides(lab: Laboratory, sdk: ldclient.LDClient) -> None:
    for key in ("sold", "spent"):
        patch = [{"op": "replace", "path": "/randomizationUnits", "value": ["user", "account"]}]
        lab.server.ok("PATCH", f"/metrics/{lab.project}/{key}", json=patch)
    lab.started(iteration={"randomizationUnit": "account"})

    def detail(account: str, user: str) -> Any:
        both = Context.create_multi(Context.create(account, "account"), Context.create(user))
        return sdk.variation_detail("button", both, None)

    until(lambda: detail("acme", "ann").reason.get("inExperiment"))
    for account in ("acme", "initech", "hooli"):
        assert len({detail(account, user).value for user in PEOPLE[:50]}) == 1, "colleagues see the same"
    assert {detail(f"account-{number}", "ann").value for number in range(50)} == {"blue", "green"}
