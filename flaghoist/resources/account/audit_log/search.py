"""Which changes somebody asks for, and which of them they may see."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.work import Work
from flaghoist.policy.decide import Policy
from flaghoist.policy.specifier import Specifier, SpecifierInvalid
from flaghoist.policy.statement import Statement, parse_statements
from flaghoist.policy.target import Target
from flaghoist.rest.query import Query
from flaghoist.store import changes
from flaghoist.store.changes import Gist, Outline


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the log. ``policy`` picks changes of which it allows at least one access."""

    since: int | None
    until: int | None
    below: tuple[int, int] | None
    text: str
    members: frozenset[str]
    tokens: frozenset[str]
    policy: Policy | None

    @property
    def asks_for_gist(self) -> bool:
        """Whether more than the outline of a change must be read to answer."""
        return bool(self.members or self.tokens or self.policy)


def asked(work: Work, query: Query, statements: object = None) -> Question:
    """The question of a request: its query, and the statements of its body; raises ``Invalid``."""
    return Question(
        since=query.number("after"),
        until=None if query.text("beforeId") else query.number("before"),
        below=_below(work, query.text("beforeId")),
        text=query.text("q").lower(),
        members=frozenset(query.all("member")),
        tokens=frozenset(query.all("token")),
        policy=_policy(query.values.get("spec", ()), statements),
    )


def found(work: Work, question: Question) -> Iterator[Outline]:
    """The changes asked for that the actor may see, newest first.

    Raises ``Forbidden`` at the end if there were changes, but none for them, and no project they may view.
    """
    may_see = _sight(work)
    wanted = _judge(work, question)
    hidden, yielded = "", False
    slices = changes.outlines(work.connection, since=question.since, until=question.until, below=question.below)
    for some in slices:
        named = [outline for outline in some if _is_named(outline, question.text)]
        seen = [outline for outline in named if may_see(outline.address)]
        if len(seen) < len(named) and not hidden:
            hidden = next(outline.address for outline in named if not may_see(outline.address))
        for outline in wanted(seen):
            yielded = True
            yield outline
    if hidden and not yielded:
        _require_some_sight(work, hidden)


def require_sight(work: Work, address: str) -> None:
    """Go on only if the actor may see changes of an address."""
    work.require(*_question_of_sight(work)(address))


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


def _below(work: Work, change_id: str) -> tuple[int, int] | None:
    if not change_id:
        return None
    last = changes.read(work.connection, change_id)
    if last is None:
        raise Invalid(f"the query parameter 'beforeId' names no entry: '{change_id[:80]}'")
    return last.at, last.seq


def _is_named(outline: Outline, text: str) -> bool:
    return not text or text in outline.name.lower() or text in addresses.name(outline.address).lower()


def _sight(work: Work) -> Callable[[str], bool]:
    """Whether the actor may see changes of an address; each asked once."""
    question = _question_of_sight(work)
    known: dict[str, bool] = {}
    decided: dict[tuple[str, str], bool] = {}

    def may_see(address: str) -> bool:
        if address not in known:
            access = question(address)
            if access not in decided:
                decided[access] = work.allows(*access).allowed
            known[address] = decided[access]
        return known[address]

    return may_see


def _question_of_sight(work: Work) -> Callable[[str], tuple[str, str]]:
    """What to ask of whoever wants to see changes of an address: to view its project, or itself in the account."""
    actions = {resource.kind: resource.view_action for resource in work.catalogue}

    def question(address: str) -> tuple[str, str]:
        action = actions.get(addresses.last(address)[0], "viewProject")
        return action, addresses.project_of(address) or address

    return question


def _require_some_sight(work: Work, hidden: str) -> None:
    """Nothing to be found is an answer to somebody who can see; somebody who cannot see anything is told so."""
    projects = work.collection("proj", addresses.ACCOUNT)
    if not any(work.allows("viewProject", project.address).allowed for project in projects):
        require_sight(work, hidden)


def _judge(work: Work, question: Question) -> Callable[[Sequence[Outline]], Iterator[Outline]]:
    if not question.asks_for_gist:
        return iter
    allowed = _allowed(work, question.policy) if question.policy else None

    def is_wanted(gist: Gist) -> bool:
        if question.members and gist.member_id not in question.members:
            return False
        if question.tokens and gist.token_id not in question.tokens:
            return False
        return allowed is None or any(allowed(access) for access in gist.accesses)

    def judge(outlines: Sequence[Outline]) -> Iterator[Outline]:
        gists = changes.gists(work.connection, [outline.seq for outline in outlines])
        return (outline for outline in outlines if is_wanted(gists[outline.seq]))

    return judge


def _allowed(work: Work, policy: Policy) -> Callable[[tuple[str, str]], bool]:
    """Whether a policy allows an access; each asked once, and tags looked up only for a policy that asks for them."""
    target = work.target if _asks_for_traits(policy) else _bare_target
    known: dict[tuple[str, str], bool] = {}

    def allowed(access: tuple[str, str]) -> bool:
        if access not in known:
            action, address = access
            known[access] = policy.verdict(action, target(address)).allowed
        return known[access]

    return allowed


def _asks_for_traits(policy: Policy) -> bool:
    texts = [text for each in policy.statements for text in (*each.resources, *each.not_resources)]
    return any(step.tags or step.properties for text in texts for step in Specifier.parse(text).steps)


def _bare_target(address: str) -> Target:
    return Target.of(*[addresses.last(step) for step in address.split(":")])
