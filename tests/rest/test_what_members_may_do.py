"""What a member may do: by base role, by custom roles, and when those are gone."""

from typing import Any

import pytest

from flaghoist.policy.target import Target
from flaghoist.rest.authenticate import member_grant
from flaghoist.store.database import Database
from flaghoist.store.documents import Document, Documents

VIEWING: Any = [{"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]}]


@pytest.mark.parametrize(
    ("base", "custom_roles", "views", "changes"),
    [
        ("writer", [], True, True),
        ("writer", ["a" * 24], True, False),
        ("no_access", ["a" * 24], True, False),
        ("writer", ["a" * 24, "b" * 24], True, False),
        ("writer", ["b" * 24], False, False),
        ("owner", ["b" * 24], False, False),
    ],
)
def test_who_lost_all_custom_roles_does_not_fall_back_on_a_wider_base_role(
    database: Database, base: str, custom_roles: list[str], views: bool, changes: bool
) -> None:
    """The role of the id ``aaa…`` is there and lets its holders look; the one of the id ``bbb…`` is gone."""
    documents = Documents()
    role = {"_id": "a" * 24, "key": "viewers", "name": "Viewers", "policy": VIEWING, "basePermissions": "no_access"}
    database.write(
        lambda connection: documents.put(connection, Document("role/viewers", "role", "acct", 1, 1, 0, 0, role), 0)
    )
    member = Document(f"member/{'c' * 24}", "member", "acct", 1, 1, 0, 0, {"role": base, "customRoles": custom_roles})
    with database.read() as connection:
        grant = member_grant(connection, documents, member)
    project = Target.parse("proj/web")
    assert grant.decide("viewProject", project).allowed is views
    assert grant.decide("updateProjectName", project).allowed is changes
