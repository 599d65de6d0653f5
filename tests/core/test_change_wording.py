"""A change in words: the verb of its title, and one line for each difference."""

from typing import Any

import pytest

from flaghoist.core import places
from flaghoist.core.entries import entry, whole_entry
from flaghoist.core.guards import Access
from flaghoist.core.journal import Change

NAMES = {"proj/web": "Web", "proj/web:env/test": "Test", "proj/web:env/production": "Production"}
ADA = {"_id": "a" * 24, "email": "ada@example.com", "firstName": "Ada", "lastName": "L", "role": "owner"}
FLAG = "proj/web:env/*:flag/checkout"
VARIATIONS = [{"_id": "t", "value": True, "name": "Yes"}, {"_id": "f", "value": False}]


def told(change: Change, whole: bool = False) -> dict[str, Any]:
    make = whole_entry if whole else entry
    return make(change, account_id="acc", name_of=lambda address: NAMES[address])


def change(
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    *actions: tuple[str, str],
    kind: str = "flag",
    address: str = FLAG,
    **more: Any,
) -> Change:
    return Change(
        seq=1,
        id="c" * 24,
        at=1,
        kind=kind,
        address=address,
        name="Checkout",
        accesses=tuple([Access(action, there or address) for action, there in actions]),
        actor={"name": ADA["email"], "kind": "token", "member": ADA, "token": None},
        comment="",
        before=before,
        after=after,
        version_before=1,
        version_after=2,
        **more,
    )


def in_environments(**parts: Any) -> dict[str, Any]:
    return {"key": "checkout", "variations": VARIATIONS, "environments": parts}


def here(key: str) -> str:
    return f"proj/web:env/{key}:flag/checkout"


def test_a_flag_turned_on_says_where() -> None:
    shown = told(
        change(
            in_environments(test={"on": False}),
            in_environments(test={"on": True}),
            ("updateOn", here("test")),
        )
    )
    assert shown["titleVerb"] == "turned on the flag"
    assert shown["title"] == (
        "[Ada L](mailto:ada@example.com) turned on the flag [Checkout](/projects/web/test/flags/checkout) in `Test`"
    )
    assert shown["description"] == "* Turned on"
    assert shown["target"]["resources"] == [here("test")]
    assert (shown["parent"]["name"], shown["parent"]["resource"]) == ("Test", "proj/web:env/test")
    assert shown["relatedFlag"] == {"key": "checkout"}
    assert shown["_links"]["details"]["href"] == f"/settings/audit?entry={'c' * 24}"


def test_several_environments_are_told_apart() -> None:
    shown = told(
        change(
            in_environments(test={"on": False, "offVariation": 0}, production={"on": True}),
            in_environments(test={"on": True, "offVariation": 1}, production={"on": False}),
            ("updateOn", here("test")),
            ("updateOffVariation", here("test")),
            ("updateOn", here("production")),
        )
    )
    assert shown["titleVerb"] == "updated the flag"
    assert shown["title"].endswith("in `Test` and `Production`")
    assert shown["description"].splitlines() == [
        "* Turned on in `Test`",
        "* Changed the off variation from ~~`Yes`~~ to `false` in `Test`",
        "* Turned off in `Production`",
    ]


def test_a_change_of_the_whole_flag_lies_in_its_project() -> None:
    shown = told(change({"name": "Old"}, {"name": "Checkout"}, ("updateName", "")))
    assert shown["titleVerb"] == "changed the name of"
    assert shown["title"].endswith("changed the name of [Checkout](/projects/web/~/flags/checkout)")
    assert shown["parent"]["resource"] == "proj/web"


def test_rules_targets_and_rollouts_are_named_by_their_variations() -> None:
    rule = {"_id": "r1", "description": "Schools", "clauses": [{"attribute": "email"}]}

    def rollout(share: int) -> dict[str, Any]:
        return {"variations": [{"variation": 0, "weight": share}, {"variation": 1, "weight": 100000 - share}]}

    shown = told(
        change(
            in_environments(
                test={
                    "rules": [{**rule, "variation": 0}],
                    "targets": [{"variation": 1, "values": ["bob"]}],
                    "fallthrough": {"rollout": rollout(50000)},
                }
            ),
            in_environments(
                test={
                    "rules": [{**rule, "variation": 1}, {"_id": "r2", "description": "Staff", "variation": 0}],
                    "targets": [{"variation": 1, "values": ["bob", "eve"]}],
                    "fallthrough": {"rollout": rollout(43500)},
                }
            ),
            ("updateRules", here("test")),
        )
    )
    assert shown["description"].splitlines() == [
        "* Changed the rule `Schools` variation from ~~`Yes`~~ to `false`",
        "* Added rule `Staff`",
        "* Added target `false` value `eve`",
        "* Changed the fallthrough rollout variation `Yes` weight from ~~`50%`~~ to `43.5%`",
        "* Changed the fallthrough rollout variation `false` weight from ~~`50%`~~ to `56.5%`",
    ]


def test_a_rollout_that_came_is_told_by_its_shares() -> None:
    shares = [{"variation": 1, "weight": 90000}, {"variation": 0, "weight": 10000}]
    shown = told(
        change(
            in_environments(test={"fallthrough": {"variation": 0}}),
            in_environments(test={"fallthrough": {"rollout": {"variations": shares, "seed": 7}}}),
            ("updateFallthrough", here("test")),
        )
    )
    assert shown["description"].splitlines() == [
        "* Set the fallthrough rollout to `false 90%, Yes 10%`",
        "* Removed the fallthrough variation ~~`Yes`~~",
    ]


DIFFERENCES: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "a text that came": ({}, {"description": "new"}, ["Set the description to `new`"]),
    "a text that went": ({"description": "old"}, {}, ["Removed the description ~~`old`~~"]),
    "another order": ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, ["Reordered the tags"]),
    "several of a list": (
        {"properties": ["a", "b"]},
        {"properties": ["b", "c"]},
        ["Added property `c`", "Removed property ~~`a`~~"],
    ),
    "a list that was not there": ({}, {"tags": ["a"]}, ["Added tag `a`"]),
    "an object": ({"value": 1}, {"value": {"a": [1]}}, ['Changed the value from ~~`1`~~ to `{"a":[1]}`']),
    "something within": (
        {"defaultClientSideAvailability": {"usingMobileKey": True}},
        {"defaultClientSideAvailability": {"usingMobileKey": False}},
        ["Changed the default client side availability using mobile key from ~~`true`~~ to `false`"],
    ),
    "what would break the markdown": (
        {"name": "a`b"},
        {"name": "c\n`d"},
        ["Changed the name from ~~`a'b`~~ to `c 'd`"],
    ),
    "what was put away": ({"archived": False}, {"archived": True, "archivedDate": 5}, ["Archived"]),
    "a part turned off": ({"sampling": {"on": True}}, {"sampling": {"on": False}}, ["Turned off the sampling"]),
    "what would fill the screen": ({}, {"name": "x" * 500}, [f"Set the name to `{'x' * 199}…`"]),
    "nothing": ({"a": 1}, {"a": 1}, []),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "lines"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_each_difference_has_a_line(before: dict[str, Any], after: dict[str, Any], lines: list[str]) -> None:
    shown = told(change(before, after, ("updateTags", "")))
    assert shown["description"].splitlines() == [f"* {line}" for line in lines]


VERBS: dict[str, tuple[Change, str]] = {
    "created": (change(None, {"key": "k"}, ("createFlag", "")), "created the flag"),
    "deleted": (change({"key": "k"}, None, ("deleteFlag", "")), "deleted the flag"),
    "archived": (
        change({"archived": False}, {"archived": True, "archivedDate": 5}, ("updateGlobalArchived", "")),
        "archived the flag",
    ),
    "restored": (
        change({"archived": True, "archivedDate": 5}, {"archived": False}, ("updateGlobalArchived", "")),
        "restored the flag",
    ),
    "turned off in two places": (
        change(
            in_environments(test={"on": True}, production={"on": True}),
            in_environments(test={"on": False}, production={"on": False}),
            ("updateOn", here("test")),
            ("updateOn", here("production")),
        ),
        "turned off the flag",
    ),
    "a webhook": (
        change({"on": False}, {"on": True}, ("updateOn", ""), kind="webhook", address="webhook/a"),
        "enabled the webhook",
    ),
    "a project renamed": (
        change({"name": "A"}, {"name": "B"}, ("updateProjectName", ""), kind="project", address="proj/web"),
        "changed the name of",
    ),
    "a kind of several words": (
        change({"x": 1}, {"x": 2}, ("updatePolicy", ""), kind="relay-proxy-config", address="relay-proxy-config/y"),
        "updated the relay proxy config",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("made", "verb"), VERBS.values(), ids=VERBS)
def test_titles_have_the_verbs_people_use(made: Change, verb: str) -> None:
    assert told(made)["titleVerb"] == verb


def test_a_member_is_called_by_name_and_a_machine_by_its_token() -> None:
    body = {"email": "bob@example.com", "firstName": "Bob", "lastName": "B", "role": "reader"}
    made = change(body, {**body, "role": "writer"}, ("updateRole", ""), kind="member", address="member/b")
    shown = told(made)
    assert shown["title"] == "[Ada L](mailto:ada@example.com) updated the member [Bob B](/settings/members)"
    token = {"_id": "d" * 24, "name": "ci", "ending": "beef", "serviceToken": True}
    machine = Change(**{**{name: getattr(made, name) for name in made.__dataclass_fields__}, "actor": {
        "name": "the service token 'ci'", "kind": "token", "member": None, "token": token,
    }})  # fmt: skip
    shown = told(machine)
    assert shown["title"].startswith("ci updated the member")
    assert "member" not in shown and shown["token"]["ending"] == "beef"


def test_the_whole_entry_has_what_was_asked_for_in_its_own_dialect() -> None:
    delta = [{"op": "replace", "path": "/name", "value": "B"}]
    by_patch = told(change({"name": "A"}, {"name": "B"}, ("updateName", ""), patch=delta), whole=True)
    assert (by_patch["delta"], by_patch["previousVersion"], by_patch["currentVersion"]) == (
        delta,
        {"name": "A", "_version": 1},
        {"name": "B", "_version": 2},
    )
    by_merge = told(change({"name": "A"}, {"name": "B"}, ("updateName", ""), patch={"name": "B"}), whole=True)
    assert by_merge["merge"] == {"name": "B"} and "delta" not in by_merge
    by_instruction = told(change({"name": "A"}, {"name": "B"}, ("updateName", ""), instructions=[{}]), whole=True)
    assert "delta" not in by_instruction and "merge" not in by_instruction


def test_places_escape_what_names_may_hold() -> None:
    assert places.api_path("code-reference-repository/a b/ü") == "/api/v2/code-refs/repositories/a%20b%2F%C3%BC"
    assert places.console_path("proj/web:env/*:flag/a.b") == "/projects/web/~/flags/a.b"
    assert places.api_path("proj/web:env/test:unheard-of/x") == ""
