"""Versions of a document by id: what an experiment pins when it starts and reads back while it is analysed."""

import dataclasses
import uuid

from flaghoist.base.errors import NotFound
from flaghoist.core.work import Document, Work
from flaghoist.store import changes

LASTING_KINDS = ("metric", "metric group")
"""What the audit log calls the kinds of which old versions are read: their changes are kept as long as they are."""


def version_id(address: str, version: int) -> str:
    """The UUID of one version of a document; the same whenever and wherever it is asked."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{address}@{version}"))


def version_ids(document: Document) -> set[str]:
    """The ids of every version a document has had."""
    return {version_id(document.address, version) for version in range(1, document.version + 1)}


def read_version(work: Work, address: str, wanted: str) -> Document:
    """The document at an address as it was in the version of an id; raises ``NotFound``.

    Old bodies come from the journal, which keeps those of ``LASTING_KINDS`` while the document lives.
    """
    present = work.read(address)
    if wanted == version_id(address, present.version):
        return present
    # A version is one change, so there are at most as many changes as the newest version says.
    for change in changes.of_address(work.connection, [address], limit=present.version):
        body, version = change.body["after"], change.body["versionAfter"]
        if body is not None and wanted == version_id(address, version):
            return dataclasses.replace(present, version=version, body_version=version, updated_at=change.at, body=body)
    raise NotFound(f"{address} has no version '{wanted}'")
