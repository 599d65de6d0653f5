"""What the caller may do: many questions answered at once, by the decision that guards writes."""

from difflib import get_close_matches

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Work
from flaghoist.policy.actions import ACTIONS
from flaghoist.policy.specifier import Specifier, SpecifierInvalid
from flaghoist.resources.account.permissions.schema import AnswersRep, Question, Questions
from flaghoist.rest.operations import Call, Family

FAMILY = Family("Permissions")
QUESTIONS_MAX = 1_000


@FAMILY.view("/internal/may", "askPermissions", method="POST", body=Questions, returns=AnswersRep, ours=True)
def answer(work: Work, call: Call) -> Body:
    """Ask what you may do

    A resource is named as policies name it. Tags and properties are those of the documents that exist. What does not
    exist yet has none, so ``proj/web:env/*:flag/new-search`` is answered as its creation would be; ``flag/*`` stands
    for a new thing of whatever name, allowed to whoever needs no particular one. Acts on a flag as a whole, renaming it
    say, are decided for all of its environments at once, whichever environment the question names.
    """
    questions: list[Question] = call.body.questions
    if len(questions) > QUESTIONS_MAX:
        raise Invalid(f"{len(questions)} questions are more than the {QUESTIONS_MAX} that are answered at once")
    _check_actions(work, questions)
    asked = [(question.action, _address(work, question, index)) for index, question in enumerate(questions)]
    verdicts = {each: work.allows(*each) for each in dict.fromkeys(asked)}
    return {"answers": [{"allowed": verdicts[each].allowed, "reason": verdicts[each].reason} for each in asked]}


def _check_actions(work: Work, questions: list[Question]) -> None:
    known = {action for actions in ACTIONS.values() for action in actions}
    for resource in work.catalogue:
        known |= {resource.create_action, resource.delete_action, resource.view_action}
        known |= {*resource.guards.values(), *resource.facet_guards.values()}
    unknown = dict.fromkeys(question.action for question in questions if question.action not in known)
    if unknown:
        raise Invalid(f"unknown actions: {'; '.join([_doubt(action, known) for action in unknown])}")


def _doubt(action: str, known: set[str]) -> str:
    close = get_close_matches(action, sorted(known), n=1)
    return f"'{action[:80]}'" + (f", did you mean '{close[0]}'?" if close else "")


def _address(work: Work, question: Question, index: int) -> str:
    """The address that a write would be decided on; raises ``Invalid`` naming the question."""
    try:
        steps = Specifier.parse(question.resource).steps
    except SpecifierInvalid as fault:
        raise Invalid(f"questions[{index}].resource: {fault}") from None
    if not steps or any(step.tags or step.properties for step in steps):
        raise Invalid(
            f"questions[{index}].resource: '{question.resource[:200]}' names no resource; write one like "
            "'proj/web:env/production:flag/checkout', without tags or properties"
        )
    kind = steps[-1].type
    resource = next((each for each in work.catalogue if each.kind == kind), None)
    if resource is None or not _is_of_the_whole(resource, question.action):
        return question.resource.removeprefix("/")
    environment = addresses.step(question.resource, "env")
    return question.resource.removeprefix("/").replace(f"env/{environment}:", "env/*:", 1)


def _is_of_the_whole(resource: Resource, action: str) -> bool:
    """Whether an action is one upon a document with all its facets, and never upon one facet."""
    if resource.facets is None or action in resource.facet_guards.values():
        return False
    return action in {resource.create_action, resource.delete_action, *resource.guards.values()}
