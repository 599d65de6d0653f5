"""What a project is, and who guards each of its fields."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.core.resource import guarded
from flaghoist.rest.shapes import AccessRep, ClientSideAvailability, Links

Tags = list[str]


class NamingConvention(msgspec.Struct, rename="camel"):
    """How the keys of new flags are written."""

    case: str | UnsetType = UNSET
    prefix: str | UnsetType = UNSET


class BooleanDefaults(msgspec.Struct, rename="camel"):
    """Names and defaults of the two variations of a new boolean flag."""

    true_display_name: str = ""
    false_display_name: str = ""
    true_description: str = ""
    false_description: str = ""
    on_variation: int = 0
    off_variation: int = 1


class FlagDefaults(msgspec.Struct, rename="camel"):
    """What a new flag starts with where its creator says nothing, but for its availability: that is the project's."""

    tags: Tags = []
    temporary: bool = True
    boolean_defaults: BooleanDefaults = msgspec.field(default_factory=BooleanDefaults)


class Project(msgspec.Struct, rename="camel"):
    """A project as stored."""

    id: str = msgspec.field(name="_id")
    key: str
    name: Annotated[str, guarded("updateProjectName")]
    tags: Annotated[Tags, guarded("updateTags")] = []
    include_in_snippet_by_default: Annotated[bool, guarded("updateIncludeInSnippetByDefault")] = False
    default_client_side_availability: Annotated[
        ClientSideAvailability, guarded("updateDefaultClientSideAvailability")
    ] = msgspec.field(default_factory=ClientSideAvailability)
    default_release_pipeline_key: Annotated[str | UnsetType, guarded("updateDefaultReleasePipeline")] = UNSET
    require_view_association_for_new_flags: Annotated[bool, guarded("updateViewAssociationRequirements")] = False
    require_view_association_for_new_segments: Annotated[bool, guarded("updateViewAssociationRequirements")] = False
    naming_convention: Annotated[NamingConvention | UnsetType, guarded("updateProjectFlagDefaults")] = UNSET
    flag_defaults: Annotated[FlagDefaults, guarded("updateProjectFlagDefaults")] = msgspec.field(
        default_factory=FlagDefaults
    )


class ProjectPost(msgspec.Struct, rename="camel"):
    """A project to be created; without environments it gets ``production`` and ``test``."""

    name: str
    key: str
    include_in_snippet_by_default: bool | UnsetType = UNSET
    default_client_side_availability: ClientSideAvailability | UnsetType = UNSET
    tags: Tags = []
    environments: list[dict[str, Any]] | UnsetType = UNSET
    naming_convention: NamingConvention | UnsetType = UNSET


class ProjectRep(msgspec.Struct, rename="camel"):
    """A project as answered; ``environments`` is a page where expanded, a list after creation and change."""

    links: Links = msgspec.field(name="_links")
    id: str = msgspec.field(name="_id")
    key: str
    name: str
    tags: Tags
    include_in_snippet_by_default: bool
    default_client_side_availability: ClientSideAvailability
    access: AccessRep = msgspec.field(name="_access")
    require_view_association_for_new_flags: bool
    require_view_association_for_new_segments: bool
    default_release_pipeline_key: str | UnsetType = UNSET
    naming_convention: NamingConvention | UnsetType = UNSET
    environments: list[dict[str, Any]] | dict[str, Any] | UnsetType = UNSET


class ProjectsRep(msgspec.Struct, rename="camel"):
    """A page of projects."""

    links: Links = msgspec.field(name="_links")
    items: list[ProjectRep]
    total_count: int


class FlagDefaultsRep(msgspec.Struct, rename="camel"):
    """The flag defaults of a project; ``key`` is the project's, absent after a change."""

    links: Links = msgspec.field(name="_links")
    tags: Tags
    temporary: bool
    default_client_side_availability: ClientSideAvailability
    boolean_defaults: BooleanDefaults
    key: str | UnsetType = UNSET


class FlagDefaultsPut(msgspec.Struct, rename="camel"):
    """All flag defaults of a project at once."""

    tags: Tags
    temporary: bool
    default_client_side_availability: ClientSideAvailability
    boolean_defaults: BooleanDefaults
