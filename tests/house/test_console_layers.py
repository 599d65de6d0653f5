"""The console's families never import each other, not by a relative path either (lint refuses the absolute ones)."""

import re
from pathlib import Path

FEATURES = Path(__file__).parents[2] / "web" / "src" / "features"
_RELATIVE = re.compile(r"""(?:from|import)\s*\(?\s*['"](\.[^'"]*)['"]""")


def test_a_family_of_the_console_reaches_into_no_other() -> None:
    sources = [path for path in FEATURES.rglob("*.ts*") if path.is_file()]
    assert len(sources) > 100
    strays = [
        f"{source.relative_to(FEATURES)} imports {wanted}"
        for source in sources
        for wanted in _RELATIVE.findall(source.read_text())
        if not (source.parent / wanted).resolve().is_relative_to(_family(source))
    ]
    assert not strays, "meet by URL, or put what two families need into src/lib or src/components:\n" + "\n".join(
        strays
    )


def _family(source: Path) -> Path:
    wing, family = source.relative_to(FEATURES).parts[:2]
    return FEATURES / wing / family
