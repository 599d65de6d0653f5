"""Instructions about the conditions of a rule."""

from typing import Any

import msgspec

from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Body
from flaghoist.resources.flagging.flags.instructions.draft import VERBS, Draft
from flaghoist.resources.flagging.flags.schema import Clause


@VERBS
def add_clauses(draft: Draft, *, rule_id: str, clauses: list[Clause]) -> None:
    draft.rule(rule_id)["clauses"] += [msgspec.to_builtins(clause) for clause in clauses]


@VERBS
def remove_clauses(draft: Draft, *, rule_id: str, clause_ids: list[str]) -> None:
    rule = draft.rule(rule_id)
    gone = [_clause(rule, clause_id) for clause_id in clause_ids]
    rule["clauses"] = [clause for clause in rule["clauses"] if clause not in gone]


@VERBS
def update_clause(draft: Draft, *, rule_id: str, clause_id: str, clause: Clause) -> None:
    rule = draft.rule(rule_id)
    place = rule["clauses"].index(_clause(rule, clause_id))
    rule["clauses"][place] = {**msgspec.to_builtins(clause), "_id": clause_id}


@VERBS
def add_values_to_clause(draft: Draft, *, rule_id: str, clause_id: str, values: list[Any]) -> None:
    clause = _clause(draft.rule(rule_id), clause_id)
    clause["values"] += [value for value in values if not _has(clause["values"], value)]


@VERBS
def remove_values_from_clause(draft: Draft, *, rule_id: str, clause_id: str, values: list[Any]) -> None:
    clause = _clause(draft.rule(rule_id), clause_id)
    clause["values"] = [value for value in clause["values"] if not _has(values, value)]


def _clause(rule: Body, clause_id: str) -> Body:
    clauses: list[Body] = rule["clauses"]
    for clause in clauses:
        if clause.get("_id") == clause_id:
            return clause
    possible = ", ".join(clause.get("_id", "") for clause in clauses)
    raise Invalid(f"there is no clause '{clause_id}' in this rule; possible: {possible or 'none'}")


def _has(values: list[Any], value: Any) -> bool:
    """Whether a value is among others, as JSON has it: true is not 1."""
    return any(each == value and isinstance(each, bool) is isinstance(value, bool) for each in values)
