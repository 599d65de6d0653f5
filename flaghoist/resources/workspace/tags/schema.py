"""How tags are answered."""

import msgspec

from flaghoist.rest.shapes import Links


class TagsRep(msgspec.Struct, rename="camel"):
    """A page of tags in alphabetical order, whatever their case."""

    links: Links = msgspec.field(name="_links")
    items: list[str]
    total_count: int
