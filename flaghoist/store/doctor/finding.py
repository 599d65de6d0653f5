"""What an examination finds: a sentence about what is so, and one about what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``name`` stays the same over versions; without trouble it is only worth knowing."""

    name: str
    text: str
    advice: str = ""
    is_trouble: bool = True


def note(name: str, text: str, advice: str = "") -> Finding:
    """Something worth knowing that is no trouble."""
    return Finding(name, text, advice, is_trouble=False)
