"""The same flags for every subject: on for all, off, by target, by rules, and shared out; and who asks."""

import random
from dataclasses import dataclass, field
from typing import Any

COUNTRIES = ("NZ", "AU", "FI", "DE", "US", "GB", "FR", "JP")
PLANS = ("free", "pro", "team")
DOMAINS = tuple(f"@company-{number}.example" for number in range(40))
CONTEXTS = 2_000


@dataclass(frozen=True)
class Clause:
    """An attribute of users, what it must be to the values (in the words of LaunchDarkly), and the values."""

    attribute: str
    op: str
    values: list[Any]


Rule = list[Clause]


@dataclass(frozen=True)
class Flag:
    """One boolean flag: false to all unless something below says true."""

    key: str
    is_on: bool = True
    users: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    share: int = 0  # percent of users who get true

    @property
    def is_for_all(self) -> bool:
        """Whether everybody gets true."""
        return not (self.users or self.rules or self.share)


def mixed(number: int) -> list[Flag]:
    """As flags are met in the wild: three of ten are off, four are on for everybody, three look at who asks."""
    return [_mixed(index) for index in range(number)]


def ruled(number: int) -> list[Flag]:
    """Every flag looks at who asks, by a rule of two clauses; few of the clauses differ."""
    return [_ruled(index) for index in range(number)]


def varied(number: int) -> list[Flag]:
    """Every flag looks at who asks, each in its own way: one to three rules of one to three clauses of any sort."""
    chance = random.Random(11)
    return [_varied(index, chance) for index in range(number)]


def shared_out(number: int) -> list[Flag]:
    """Every flag is a percentage of users: nothing that one of them finds out is of use to another."""
    return [Flag(_key(index), share=1 + index % 99) for index in range(number)]


def people() -> list[dict[str, Any]]:
    """Who asks: no two alike."""
    chance = random.Random(7)
    return [
        {
            "key": f"user-{number}",
            "country": chance.choice(COUNTRIES),
            "plan": chance.choice(PLANS),
            "email": f"user-{number}{chance.choice(DOMAINS)}",
            "age": chance.randrange(16, 90),
            "version": f"{chance.randrange(1, 9)}.{chance.randrange(20)}.{chance.randrange(20)}",
        }
        for number in range(CONTEXTS)
    ]


def _mixed(index: int) -> Flag:
    key, sort = _key(index), index % 10
    if sort < 3:
        return Flag(key, is_on=False)
    if sort == 7:
        return Flag(key, users=[f"user-{index + each}" for each in range(20)])
    if sort == 8:
        return _ruled(index)
    return Flag(key, share=50) if sort == 9 else Flag(key)


def _ruled(index: int) -> Flag:
    countries = [COUNTRIES[(index + each) % len(COUNTRIES)] for each in range(3)]
    plans = [PLANS[index % len(PLANS)], "gold"]
    return Flag(_key(index), rules=[[Clause("country", "in", countries), Clause("plan", "in", plans)]])


def _varied(index: int, chance: random.Random) -> Flag:
    rules = []
    for _ in range(chance.randint(1, 3)):
        sorts = [
            Clause("country", "in", chance.sample(COUNTRIES, 3)),
            Clause("plan", "in", chance.sample(PLANS, 1)),
            Clause("email", "endsWith", chance.sample(DOMAINS, 2)),
            Clause("age", "greaterThan", [chance.randrange(16, 90)]),
            Clause("version", "semVerGreaterThan", [f"{chance.randrange(1, 9)}.{chance.randrange(20)}.0"]),
            Clause("key", "in", [f"user-{chance.randrange(CONTEXTS)}" for _ in range(20)]),
        ]
        rules.append(chance.sample(sorts, chance.randint(1, 3)))
    users = [f"user-{chance.randrange(CONTEXTS)}" for _ in range(20)] if index % 5 == 0 else []
    return Flag(_key(index), users=users, rules=rules, share=chance.randrange(1, 100) if index % 4 == 0 else 0)


def _key(index: int) -> str:
    return f"flag-{index:04}"
