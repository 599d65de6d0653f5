"""What a project's experimentation settings are."""

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.rest.shapes import Links


class RandomizationUnit(msgspec.Struct, rename="camel"):
    """A context kind that experiments may randomize by."""

    randomization_unit: str
    default: bool = False


class ExperimentationSettings(msgspec.Struct, rename="camel"):
    """The settings as stored; a project that has never said anything has none."""

    randomization_units: list[RandomizationUnit]


class RandomizationUnitInput(msgspec.Struct, rename="camel"):
    """A unit as clients send it; ``standardRandomizationUnit`` is of the past and not used."""

    randomization_unit: str
    default: bool | None = False
    standard_randomization_unit: str | UnsetType | None = UNSET


class RandomizationSettingsPut(msgspec.Struct, rename="camel"):
    """All units at once."""

    randomization_units: list[RandomizationUnitInput]


class RandomizationUnitRep(msgspec.Struct, rename="camel"):
    """A unit as answered, with the name of its context kind."""

    randomization_unit: str
    default: bool
    hidden: bool = msgspec.field(name="_hidden")
    display_name: str = msgspec.field(name="_displayName")


class RandomizationSettingsRep(msgspec.Struct, rename="camel"):
    """The settings as answered."""

    links: Links = msgspec.field(name="_links")
    project_id: str = msgspec.field(name="_projectId")
    project_key: str = msgspec.field(name="_projectKey")
    creation_date: int = msgspec.field(name="_creationDate")
    randomization_units: list[RandomizationUnitRep]
