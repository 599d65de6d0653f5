"""Instructions about targeting rules: their order, what they serve, what they are called."""

import msgspec

from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Body
from flaghoist.resources.flagging.flags.instructions.draft import VERBS, Draft
from flaghoist.resources.flagging.flags.schema import Clause


class NewRule(msgspec.Struct, rename="camel", kw_only=True):
    """A rule that serves a variation or a rollout."""

    clauses: list[Clause]
    variation_id: str | None = None
    rollout_weights: dict[str, int] | None = None
    rollout_bucket_by: str | None = None
    rollout_context_kind: str | None = None
    description: str = ""
    track_events: bool = False


@VERBS
def add_rule(
    draft: Draft,
    *,
    clauses: list[Clause],
    before_rule_id: str | None = None,
    variation_id: str | None = None,
    rollout_weights: dict[str, int] | None = None,
    rollout_bucket_by: str | None = None,
    rollout_context_kind: str | None = None,
    description: str = "",
    track_events: bool = False,
) -> None:
    rule = NewRule(
        clauses=clauses,
        variation_id=variation_id,
        rollout_weights=rollout_weights,
        rollout_bucket_by=rollout_bucket_by,
        rollout_context_kind=rollout_context_kind,
        description=description,
        track_events=track_events,
    )
    rules = draft.config["rules"]
    place = rules.index(draft.rule(before_rule_id)) if before_rule_id else len(rules)
    rules.insert(place, _made(draft, rule))


@VERBS
def remove_rule(draft: Draft, *, rule_id: str) -> None:
    draft.config["rules"] = [rule for rule in draft.config["rules"] if rule.get("_id") != rule_id]


@VERBS
def replace_rules(draft: Draft, *, rules: list[NewRule]) -> None:
    draft.config["rules"] = [_made(draft, rule) for rule in rules]


@VERBS
def reorder_rules(draft: Draft, *, rule_ids: list[str]) -> None:
    present = {rule.get("_id"): rule for rule in draft.config["rules"]}
    if len(rule_ids) != len(present) or set(rule_ids) != set(present):
        raise Invalid(f"'ruleIds' must list every rule once: {', '.join(map(str, present)) or 'there is none'}")
    draft.config["rules"] = [present[rule_id] for rule_id in rule_ids]


@VERBS
def update_rule_description(draft: Draft, *, rule_id: str, description: str) -> None:
    draft.rule(rule_id)["description"] = description


@VERBS
def update_rule_track_events(draft: Draft, *, rule_id: str, track_events: bool) -> None:
    draft.rule(rule_id)["trackEvents"] = track_events


@VERBS
def update_rule_variation_or_rollout(
    draft: Draft,
    *,
    rule_id: str,
    variation_id: str | None = None,
    rollout_weights: dict[str, int] | None = None,
    rollout_bucket_by: str | None = None,
    rollout_context_kind: str | None = None,
) -> None:
    rule = draft.rule(rule_id)
    serve = draft.serving(variation_id, rollout_weights, rollout_bucket_by, rollout_context_kind, before=rule)
    for name in ("variation", "rollout"):
        rule.pop(name, None)
    rule.update(serve)


def _made(draft: Draft, rule: NewRule) -> Body:
    return {
        "clauses": [msgspec.to_builtins(clause) for clause in rule.clauses],
        "trackEvents": rule.track_events,
        "description": rule.description,
        **draft.serving(rule.variation_id, rule.rollout_weights, rule.rollout_bucket_by, rule.rollout_context_kind),
    }
