"""Which changes somebody asks for, and which of them they may see."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.work import Work
from flaghoist.policy.decide import Policy
from flaghoist.policy.resource_types import NAMELESS_TYPES
from flaghoist.policy.specifier import Specifier, SpecifierInvalid, Step
from flaghoist.policy.statement import Statement, parse_statements
from flaghoist.policy.target import Target
from flaghoist.rest.query import Query
from flaghoist.store import changes, outlines
from flaghoist.store.outlines import Outline, Sieve, Tally

_ENDS_MAX = 40


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the log: what the store can tell, and a policy that must allow one of a change's accesses."""

    sieve: Sieve
    policy: Policy | None


def asked(work: Work, query: Query, statements: object = None) -> Question:
    """The question of a request: its query, and the statements of its body; raises ``Invalid``."""
    policy = _policy(query.values.get("spec", ()), statements)
    below = _below(work, query.text("beforeId"), is_dated=query.number("before") is not None)
    sieve = Sieve(
        since=query.number("after"),
        until=None if below else query.number("before"),
        below=below,
        text=query.text("q"),
        member_ids=frozenset(query.all("member")),
        token_ids=frozenset(query.all("token")),
        touching=_ends(policy) if policy else (),
    )
    return Question(sieve, policy)


def found(work: Work, question: Question) -> Iterator[Outline]:
    """The changes asked for that the actor may see, newest first.

    Raises ``Forbidden`` at the end if there were changes, but none for them, and no project they may view.
    """
    judge = _Judge(work, question.policy)
    text = question.sieve.text.lower()
    for some in outlines.newest(work.connection, question.sieve):
        for outline in some:
            if _is_named(outline, text) and judge.passes(outline.address, outline.accesses):
                yield outline
    judge.require_sight()


def counted(work: Work, question: Question, *, start: int, stretch_ms: int) -> Iterator[Tally]:
    """The same changes, counted by stretches of time."""
    judge = _Judge(work, question.policy)
    sieve = dataclasses.replace(question.sieve, text="")
    for tally in outlines.tallies(work.connection, sieve, start=start, stretch_ms=stretch_ms):
        if judge.passes(tally.address, tally.accesses):
            yield tally
    judge.require_sight()


def require_sight(work: Work, address: str) -> None:
    """Go on only if the actor may see changes of an address."""
    work.require(*work.catalogue.sight(address))


class _Judge:
    """Whether the actor may see a change, and whether it is asked for; each question is decided once."""

    def __init__(self, work: Work, policy: Policy | None) -> None:
        self._work = work
        self._policy = policy
        self._target = work.target if policy and _asks_for_traits(policy) else _bare_target
        self._seen: dict[str, bool] = {}
        self._sights: dict[tuple[str, str], bool] = {}
        self._wanted: dict[str, bool] = {}
        self._hidden = ""

    def passes(self, address: str, accesses: str) -> bool:
        return self._is_seen(address) and self._is_wanted(accesses)

    def require_sight(self) -> None:
        """Nothing to be found is an answer to somebody who can see; somebody who cannot see anything is told so."""
        if not self._hidden or any(self._sights.values()):
            return
        projects = self._work.collection("proj", addresses.ACCOUNT)
        if not any(self._work.allows("viewProject", project.address).allowed for project in projects):
            self._work.require(*self._work.catalogue.sight(self._hidden))

    def _is_seen(self, address: str) -> bool:
        if address not in self._seen:
            question = self._work.catalogue.sight(address)
            if question not in self._sights:
                self._sights[question] = self._work.allows(*question).allowed
            self._seen[address] = self._sights[question]
            self._hidden = self._hidden or ("" if self._seen[address] else address)
        return self._seen[address]

    def _is_wanted(self, accesses: str) -> bool:
        if self._policy is None:
            return True
        if accesses not in self._wanted:
            self._wanted[accesses] = any(
                self._policy.verdict(action, self._target(address)).allowed
                for action, address in outlines.unpacked(accesses)
            )
        return self._wanted[accesses]


def _policy(specifiers: Sequence[str], statements: object) -> Policy | None:
    read = parse_statements(statements if statements is not None else [], "statements")
    for text in specifiers:
        try:
            Specifier.parse(text)
        except SpecifierInvalid as fault:
            raise Invalid(f"spec: {fault}") from None
    if specifiers:
        read = (*read, Statement("allow", resources=tuple(specifiers), actions=("*",)))
    return Policy("search", read) if read else None


def _below(work: Work, change_id: str, *, is_dated: bool) -> tuple[int, int] | None:
    if not change_id:
        return None
    last = changes.read(work.connection, change_id)
    if last is None and is_dated:
        return None  # too old to be kept since that page was read: go on by its time alone
    if last is None:
        raise Invalid(f"the query parameter 'beforeId' names no entry: '{change_id[:80]}'")
    return last.at, last.seq


def _is_named(outline: Outline, text: str) -> bool:
    return not text or text in outline.name.lower() or text in addresses.name(outline.address).lower()


def _asks_for_traits(policy: Policy) -> bool:
    """Whether a policy asks for tags or properties, which have to be looked up."""
    texts = [text for each in policy.statements for text in (*each.resources, *each.not_resources)]
    return any(step.tags or step.properties for text in texts for step in Specifier.parse(text).steps)


def _bare_target(address: str) -> Target:
    return Target.of(*[addresses.last(step) for step in address.split(":")])


def _ends(policy: Policy) -> tuple[tuple[str, str], ...]:
    """How addresses begin and end of which a policy may allow something; none if that can be any."""
    found: dict[tuple[str, str], None] = {}
    for statement in policy.statements:
        if statement.effect == "deny":
            continue
        for text in statement.resources or ("*",):
            steps = Specifier.parse(text).steps
            if not steps or '"' in text or "\\" in text:
                return ()
            found[_opening(steps), _closing(steps)] = None
    return tuple(found) if len(found) <= _ENDS_MAX else ()


def _opening(steps: Sequence[Step]) -> str:
    written = _written(steps[0])
    return written.partition("*")[0] if "*" in written or len(steps) == 1 else f"{written}:"


def _closing(steps: Sequence[Step]) -> str:
    written = _written(steps[-1])
    return written.rpartition("*")[2] if "*" in written or len(steps) == 1 else f":{written}"


def _written(step: Step) -> str:
    return step.type if step.type in NAMELESS_TYPES else f"{step.type}/{step.name}"
