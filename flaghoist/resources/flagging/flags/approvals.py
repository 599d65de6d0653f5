"""The approval gate: where an environment wants a second pair of eyes, its flags are not changed directly."""

from collections.abc import Iterable

from flaghoist.base.errors import MethodNotAllowed
from flaghoist.core import addresses
from flaghoist.core.guards import Access
from flaghoist.core.resource import Body
from flaghoist.core.work import Work


def require_approved(work: Work, accesses: Iterable[Access], tags: Iterable[str]) -> None:
    """Go on only if nothing is changed where an approval is required, and none has been given.

    Raises ``MethodNotAllowed``, as LaunchDarkly does for flags. Whoever may ``bypassRequiredApproval`` passes.
    """
    project_wide = [access for access in accesses if addresses.step(access.address, "env") == "*"]
    for access in accesses:
        if access in project_wide or access.address in work.approved:
            continue
        environment = work.read(access.address.rpartition(":")[0])
        if not _asks(environment.body["approvalSettings"], tags):
            continue
        if not work.allows("bypassRequiredApproval", access.address).allowed:
            raise MethodNotAllowed(
                f"Flag configuration updates require approval: action '{access.action}' not allowed; "
                f"request an approval in environment '{environment.body['key']}'"
            )


def _asks(settings: Body, tags: Iterable[str]) -> bool:
    """Whether an environment's settings ask for approval of a change to a flag with these tags."""
    wanted = {tag.lower() for tag in settings["requiredApprovalTags"]}
    return bool(settings["required"] or wanted & {tag.lower() for tag in tags})
