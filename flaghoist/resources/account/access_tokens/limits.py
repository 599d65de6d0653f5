"""How far a token reaches, and that nobody makes one that reaches further than they do.

The rule: whatever a token's limits allow, whoever sets them must be allowed as well, judged from the written policies.
One exception: a personal token never does more than its member in any case, so when a member sets the limits of one of
their own, their roles are not asked again. What is left to ask are the limits of the token they do it with, unless
those are admin, the widest a token can have: they keep from an owner only what is the owner's own.
"""

from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Body
from flaghoist.core.work import Work
from flaghoist.policy.decide import Grant, Policy
from flaghoist.policy.roles import base_role
from flaghoist.policy.statement import parse_statements
from flaghoist.rest.policies import plain, require_held, role_ids, role_policies
from flaghoist.rest.versions import VERSIONS

_LIMITS = ("role", "customRoleIds", "inlineRole")


def settle(work: Work, _address: str, before: Body | None, token: Body) -> None:
    """Empty limits are absent, a token without any is a reader, and roles given by key are kept by id."""
    if "inlineRole" in token:
        token["inlineRole"] = plain(token["inlineRole"], "inlineRole")
    if token.get("customRoleIds") and token["customRoleIds"] != (before or {}).get("customRoleIds"):
        token["customRoleIds"] = role_ids(work, token["customRoleIds"], "customRoleIds")
    for name in _LIMITS:
        if not token.get(name):
            token.pop(name, None)
    if not any(name in token for name in _LIMITS):
        token["role"] = "reader"


def check(work: Work, _address: str, before: Body | None, after: Body | None) -> None:
    """Refuse limits beyond those of whoever sets them, versions of the API that do not exist, and ends in the past."""
    if after is None:
        return
    if after["defaultApiVersion"] not in VERSIONS:
        possible = ", ".join(map(str, VERSIONS))
        raise Invalid(f"defaultApiVersion {after['defaultApiVersion']} does not exist; possible: {possible}")
    if after.get("expiry") != (before or {}).get("expiry") and after.get("expiry", work.now + 1) <= work.now:
        raise Invalid("'expiry' must be a time to come, in milliseconds; delete the token to end it at once")
    if before is None or any(before.get(name) != after.get(name) for name in _LIMITS):
        asked = _asked(work, after)
        if asked.layers:
            require_held(work, asked, policies(work, after), "give a token these limits")


def policies(work: Work, token: Body) -> list[Policy]:
    """A token's limits, as they will be enforced."""
    if token.get("inlineRole"):
        return [Policy("inline role", parse_statements(token["inlineRole"], "inlineRole"))]
    if token.get("customRoleIds"):
        return role_policies(work, token["customRoleIds"])
    return [base_role(token["role"])]


def _asked(work: Work, token: Body) -> Grant:
    """The grant that must cover a token's limits."""
    actor = work.actor
    is_own = actor.member is not None and actor.member_id == token["memberId"] and not token["serviceToken"]
    if not is_own:
        return actor.grant
    return Grant(tuple([layer for layer in actor.grant.layers[1:] if base_role("admin") not in layer]))
