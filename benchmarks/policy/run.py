"""How long a decision takes, as a multiple of a bare dictionary look-up: the least that any answer costs.

Run with ``python benchmarks/policy/run.py``; the best of seven rounds counts.
"""

import timeit
from collections.abc import Callable

from flaghoist.policy.access import access
from flaghoist.policy.actions import ACTIONS
from flaghoist.policy.decide import Grant, Policy, decide
from flaghoist.policy.roles import base_role, custom_role
from flaghoist.policy.statement import parse_statements
from flaghoist.policy.target import Target

ADDRESS = "proj/web:env/production:flag/checkout-v2"
TARGET = (
    Target.parse(ADDRESS)
    .with_traits("env", tags=["eu", "qa_1"], properties={"critical": True})
    .with_traits("flag", tags=["beta", "gamma"], properties={"view": frozenset({"team-a"})})
)
DEVELOPER = [
    {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
    {"effect": "allow", "resources": ["proj/${roleAttribute/projects}:env/*:flag/*"], "actions": ["*"]},
    {"effect": "allow", "resources": ["proj/${roleAttribute/projects}:env/*:segment/*"], "actions": ["*"]},
    {"effect": "deny", "resources": ["proj/*:env/*;{critical:true}:flag/*;frozen"], "actions": ["update*"]},
    {"effect": "deny", "resources": ["proj/*:env/production:flag/*"], "actions": ["deleteFlag"]},
]
ROUNDS = 7
CALLS = 1_000


def main() -> None:
    """Print one line for each question."""
    known = {(ADDRESS, "updateOn"): True}
    key = (ADDRESS, "updateOn")
    floor = measured(lambda: known[key])
    print(f"{'dictionary look-up':<58}{floor:>9.3f} µs")
    for question, act in questions().items():
        taken = measured(act)
        print(f"{question:<58}{taken:>9.3f} µs{taken / floor:>9.0f} x")


def questions() -> dict[str, Callable[[], object]]:
    """What is asked on the way of a request, from the commonest to the rarest."""
    writer = Grant.of([base_role("writer", member_id="5f0c0ffee0c0ffee0c0ffee0")])
    token = writer.limited_by([Policy.parse("token", DEVELOPER[1:2], {"projects": ["web"]})])
    statements = parse_statements(DEVELOPER)
    developers = [custom_role(f"developer-{n}", statements, attributes={"projects": [f"p{n}"]}) for n in range(20)]
    chosen = custom_role("developer", statements, attributes={"projects": ["ios", "web"]})
    return {
        "decide: a writer": lambda: writer.decide("updateOn", TARGET),
        "decide: a writer's token with limits of its own": lambda: token.decide("updateOn", TARGET),
        "decide: one custom role of five statements": lambda: decide([chosen], "updateOn", TARGET),
        "decide: twenty-one such roles, the last one allows": lambda: decide([*developers, chosen], "updateOn", TARGET),
        "parse an address": lambda: Target.parse(ADDRESS),
        "make a policy of statements known before": lambda: custom_role("developer", statements),
        f"_access of a flag: {len(ACTIONS['flag'])} actions": lambda: access(writer, TARGET, ACTIONS["flag"]),
    }


def measured(act: Callable[[], object]) -> float:
    """The best of the rounds, in µs for one call."""
    act()
    return min(timeit.repeat(act, number=CALLS, repeat=ROUNDS)) / CALLS * 1e6


if __name__ == "__main__":
    main()
