"""The same flags for every subject: on for all, off, by target, by rule, and shared out."""

from dataclasses import dataclass, field

COUNTRIES = ("NZ", "AU", "FI", "DE", "US", "GB", "FR", "JP")
PLANS = ("free", "pro", "team")


@dataclass(frozen=True)
class Flag:
    """One boolean flag: false to all unless something below says true."""

    key: str
    is_on: bool = True
    users: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    share: int = 0  # percent of users who get true

    @property
    def is_for_all(self) -> bool:
        """Whether everybody gets true."""
        return not (self.users or self.countries or self.share)


def mixed(number: int) -> list[Flag]:
    """As flags are met in the wild: three of ten are off, four are on for everybody, three look at who asks."""
    return [_mixed(index) for index in range(number)]


def ruled(number: int) -> list[Flag]:
    """The hardest for whoever prepares answers: every flag looks at who asks, by a rule of two clauses."""
    return [_ruled(index) for index in range(number)]


def _mixed(index: int) -> Flag:
    key, sort = f"flag-{index:04}", index % 10
    if sort < 3:
        return Flag(key, is_on=False)
    if sort == 7:
        return Flag(key, users=[f"user-{index + each}" for each in range(20)])
    if sort == 8:
        return _ruled(index)
    return Flag(key, share=50) if sort == 9 else Flag(key)


def _ruled(index: int) -> Flag:
    countries = [COUNTRIES[(index + each) % len(COUNTRIES)] for each in range(3)]
    return Flag(f"flag-{index:04}", countries=countries, plans=[PLANS[index % len(PLANS)], "gold"])
