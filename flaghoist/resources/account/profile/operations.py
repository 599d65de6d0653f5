"""The account: what everything belongs to. It has no operations of its own."""

from typing import Annotated

import msgspec

from flaghoist.core.resource import Resource, guarded
from flaghoist.rest.operations import Family

FAMILY = Family("Account")


class Account(msgspec.Struct):
    """The account as stored."""

    id: str = msgspec.field(name="_id")
    name: Annotated[str, guarded("updateOrganization")] = "Flaghoist"


ACCOUNT = FAMILY.resource(
    Resource(
        kind="acct",
        audit_kind="account",
        address="acct",
        parent="",
        schema=Account,
        create_action="createAccount",
        delete_action="deleteAccount",
    )
)
