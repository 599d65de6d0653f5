"""Why a context gets what it gets from a flag: asked for one context, or for several in several environments."""

from collections.abc import Callable
from typing import Any

import msgspec

from flaghoist.base import json
from flaghoist.base.errors import Invalid, NotFound
from flaghoist.core.resource import Body, Projection
from flaghoist.core.work import Document, Work
from flaghoist.evaluation.context import Context, ContextInvalid, parse_context
from flaghoist.evaluation.explaining.flags import explain
from flaghoist.evaluation.explaining.trace import Explanation
from flaghoist.resources.flagging.explanations.answers import (
    ExplainMatrixPost,
    ExplainMatrixRep,
    ExplainPost,
    ExplanationRep,
    FlagLabel,
    MatrixCell,
    RuleLabel,
)
from flaghoist.rest.operations import Call, Family

FAMILY = Family("Explanations")
CELLS_MAX = 500
_LABEL_LENGTH_MAX = 60


@FAMILY.view(
    "/internal/projects/{projectKey}/environments/{environmentKey}/flags/{featureFlagKey}/explain",
    "explainFlag",
    method="POST",
    body=ExplainPost,
    returns=ExplanationRep,
    ours=True,
)
def explain_flag(work: Work, call: Call) -> ExplanationRep:
    """Explain what a context gets from a flag"""
    flag = _flag(work, call)
    environment = work.read(f"{flag.parent}:env/{call.params['environmentKey']}")
    return ExplanationRep(**_explained(work, flag, environment, _context(call.body.context, "context")))


@FAMILY.view(
    "/internal/projects/{projectKey}/flags/{featureFlagKey}/explain",
    "explainFlagForMany",
    method="POST",
    body=ExplainMatrixPost,
    returns=ExplainMatrixRep,
    ours=True,
)
def explain_flag_for_many(work: Work, call: Call) -> ExplainMatrixRep:
    """Explain what several contexts get from a flag in several environments"""
    flag = _flag(work, call)
    contexts = [_context(each, f"contexts[{index}]") for index, each in enumerate(call.body.contexts)]
    environments = _environments(work, flag, call.body.environments)
    if len(contexts) * len(environments) > CELLS_MAX:
        raise Invalid(
            f"{len(contexts)} contexts in {len(environments)} environments are more than {CELLS_MAX} explanations; "
            "ask for fewer at a time"
        )
    return ExplainMatrixRep(
        [
            MatrixCell(**_explained(work, flag, environment, context), context_index=index)
            for index, context in enumerate(contexts)
            for environment in environments
        ]
    )


def _flag(work: Work, call: Call) -> Document:
    project = f"proj/{call.params['projectKey']}"
    work.read(project)
    work.require("viewProject", project)
    return work.read(f"{project}:env/*:flag/{call.params['featureFlagKey']}")


def _environments(work: Work, flag: Document, named: Any) -> list[Document]:
    there = {environment.body["key"]: environment for environment in work.collection("env", flag.parent)}
    if named is msgspec.UNSET:
        return list(there.values())
    for key in named:
        if key not in there:
            raise NotFound(f"there is no environment '{key}'; possible: {', '.join(there)}")
    return [there[key] for key in named]


def _context(document: Any, place: str) -> Context:
    try:
        return parse_context(document)
    except ContextInvalid as error:
        raise Invalid(f"{place}: {error}") from None


def _explained(work: Work, flag: Document, environment: Document, context: Context) -> dict[str, Any]:
    """The members of an explanation."""
    explanation = explain(
        flag.body["key"],
        context,
        flags=_finder(work, environment, "flags"),
        segments=_finder(work, environment, "segments"),
    )
    variation = explanation.variation
    labels = _labels(work, flag, environment, explanation)
    named = {} if variation is None else {"variation_name": labels[flag.body["key"]].variations[variation]}
    return {
        **{name: getattr(explanation, name) for name in explanation.__struct_fields__},
        "environment_key": environment.body["key"],
        "context_key": context.canonical_key,
        "archived": flag.body["archived"],
        "labels": labels,
        **named,
    }


def _finder(work: Work, environment: Document, delivers: str) -> Callable[[str], Body | None]:
    """Finds what SDKs in an environment receive under a key."""
    resources = [each for each in work.catalogue if each.project is not None and each.delivers == delivers]

    def find(key: str) -> Body | None:
        for resource in resources:
            scope = f"{environment.parent}:env/*" if resource.facets is not None else environment.address
            document = work.find(f"{scope}:{resource.kind}/{key}")
            projection = None if document is None else _projected(work, document, environment)
            if projection is not None:
                return projection.item
        return None

    return find


def _projected(work: Work, document: Document, environment: Document) -> Projection | None:
    resource, name = work.catalogue[document.kind], environment.body["key"]
    assert resource.project is not None
    facet = None if resource.facets is None else work.facets(document, [name])[name]
    return resource.project(document, facet, name)


def _labels(work: Work, flag: Document, environment: Document, explanation: Explanation) -> dict[str, FlagLabel]:
    """How people call the flag and every flag it asked."""
    traces = [explanation.flag] if explanation.flag else []
    asked = [step.key for trace in (*traces, *explanation.prerequisites.values()) for step in trace.prerequisites]
    found = [work.find(f"{flag.parent}:env/*:flag/{key}") for key in dict.fromkeys([flag.body["key"], *asked])]
    return {each.body["key"]: _label(work, each, environment.body["key"]) for each in found if each is not None}


def _label(work: Work, flag: Document, environment_key: str) -> FlagLabel:
    rules = work.facets(flag, [environment_key])[environment_key].body["rules"]
    enabled = [rule["_id"] for rule in rules if not rule.get("disabled")]
    return FlagLabel(
        name=flag.body["name"],
        variations=[_variation_label(variation) for variation in flag.body["variations"]],
        rules=[
            RuleLabel(
                id=rule["_id"],
                description=rule.get("description") or "",
                index=enabled.index(rule["_id"]) if rule["_id"] in enabled else None,
            )
            for rule in rules
        ],
    )


def _variation_label(variation: Body) -> str:
    value = variation["value"]
    text: str = variation.get("name") or (value if isinstance(value, str) else json.encode(value).decode())
    return text if len(text) <= _LABEL_LENGTH_MAX else f"{text[: _LABEL_LENGTH_MAX - 1]}…"
