"""Addresses: where a document lives, in the policy language's own spelling (``proj/web:env/*:flag/checkout``)."""

from collections.abc import Mapping

ACCOUNT = "acct"


def fill(template: str, params: Mapping[str, str]) -> str:
    """An address from its template: ``proj/{projectKey}:metric/{metricKey}``."""
    return template.format_map(params)


def parent(address: str) -> str:
    """The address one step up; the account above the first step."""
    above, _, _ = address.rpartition(":")
    return above or ACCOUNT


def name(address: str) -> str:
    """The last name of an address: its key or id."""
    return address.rpartition("/")[2]


def step(address: str, kind: str) -> str:
    """The name at one step: ``step("proj/web:env/test", "env")`` is ``test``; empty if there is no such step."""
    for part in address.split(":"):
        found, _, value = part.partition("/")
        if found == kind:
            return value
    return ""


def project_of(address: str) -> str:
    """The address of the project that an address lies in, or nothing."""
    key = step(address, "proj")
    return f"proj/{key}" if key else ""


def last(address: str) -> tuple[str, str]:
    """The last step of an address: its type and its name, which the account has not."""
    kind, _, value = address.rpartition(":")[2].partition("/")
    return kind, value
