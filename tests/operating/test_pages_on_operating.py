"""Whoever operates the server finds each page from the first; links lead somewhere, and every setting is told."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from flaghoist.base.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "operating").glob("*.md"))
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")


def test_every_page_is_found_from_the_first() -> None:
    first = (ROOT / "docs" / "operating" / "README.md").read_text()
    linked = {target for target, _ in LINK.findall(first)}
    assert {page.name for page in PAGES} - {"README.md"} <= linked


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text()):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        found = (page.parent / target).resolve() if target else page
        assert found.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in _anchors(found), f"{page.name} links to {target}#{anchor}"


def test_every_setting_is_written_down() -> None:
    told = (ROOT / "docs" / "operating" / "settings.md").read_text()
    assert [each.name for each in fields(Settings) if f"`FLAGHOIST_{each.name.upper()}`" not in told] == []


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
