"""What a custom role is, and who guards each of its fields."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flaghoist.core.resource import guarded
from flaghoist.rest.policies import Statement
from flaghoist.rest.shapes import AccessRep, Links

BasePermissions = Literal["no_access", "reader"]
ResourceCategory = Literal["organization", "project", "any"]


class CustomRole(msgspec.Struct, rename="camel", kw_only=True):
    """A custom role as stored."""

    id: str = msgspec.field(name="_id")
    key: str
    name: Annotated[str, Meta(min_length=1), guarded("updateName")]
    description: Annotated[str, guarded("updateDescription")] = ""
    policy: Annotated[list[Statement], guarded("updatePolicy")]
    base_permissions: Annotated[BasePermissions, guarded("updateBasePermissions")] = "no_access"
    resource_category: ResourceCategory | UnsetType = UNSET


class CustomRolePost(msgspec.Struct, rename="camel", kw_only=True):
    """A custom role to be created."""

    name: str
    key: str
    description: str | UnsetType = UNSET
    policy: list[Statement]
    base_permissions: BasePermissions | UnsetType = UNSET
    resource_category: ResourceCategory | UnsetType = UNSET


class AssignedTo(msgspec.Struct, rename="camel"):
    """How many hold the role."""

    members_count: int
    teams_count: int


class CustomRoleRep(msgspec.Struct, rename="camel", kw_only=True):
    """A custom role as answered."""

    links: Links = msgspec.field(name="_links")
    access: AccessRep = msgspec.field(name="_access")
    id: str = msgspec.field(name="_id")
    key: str
    name: str
    description: str
    policy: list[Statement]
    base_permissions: str
    resource_category: str | UnsetType = UNSET
    assigned_to: AssignedTo


class CustomRolesRep(msgspec.Struct, rename="camel"):
    """A page of custom roles."""

    links: Links = msgspec.field(name="_links")
    items: list[CustomRoleRep]
    total_count: int
