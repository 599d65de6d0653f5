"""Rooms import only rooms below them, families never each other, and nothing reads the clock but the clock."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import flaghoist

ROOT = Path(flaghoist.__file__).parent
LEVELS = {
    "base": 1,
    "evaluation": 2, "statistics": 2, "policy": 2,
    "store": 3,
    "core": 4, "jobs": 4,
    "delivery": 5, "ingest": 5, "outbound": 5, "console": 5,
    "rest": 6,
    "resources": 7,
    "app": 8, "cli": 8,
}  # fmt: skip
PURE = {"evaluation", "statistics", "policy"}
IMPURE_MODULES = {"asyncio", "datetime.now", "os", "random", "secrets", "socket", "sqlalchemy", "threading", "time"}


def modules() -> Iterator[tuple[Path, str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(["flaghoist", *path.relative_to(ROOT).with_suffix("").parts]).removesuffix(".__init__")
        yield path, name, ast.parse(path.read_text())


def imports(tree: ast.Module) -> Iterator[str]:
    """Every module imported, save what is only for type checkers."""
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "flaghoist" and len(parts) > 1 else ""


def test_every_room_has_a_level() -> None:
    rooms = {room(name) for _, name, _ in modules()} - {""}
    assert rooms <= set(LEVELS), f"give {rooms - set(LEVELS)} a level here and a line in ARCHITECTURE.md"


def test_imports_point_down() -> None:
    upward = []
    for path, name, tree in modules():
        ours = room(name)
        for imported in imports(tree):
            theirs = room(imported)
            if not ours or theirs not in LEVELS or theirs == ours:
                continue
            if LEVELS[ours] < 8 and LEVELS[theirs] >= LEVELS[ours]:
                upward.append(f"{path.relative_to(ROOT)} imports {imported}")
    assert not upward, "pass the value in instead of importing upward or sideways:\n" + "\n".join(sorted(set(upward)))


def test_families_do_not_import_families() -> None:
    sideways = []
    for path, name, tree in modules():
        parts = name.split(".")
        if len(parts) < 4 or parts[1] != "resources":
            continue
        for imported in imports(tree):
            other = imported.split(".")
            is_family = (
                len(other) > 3 and other[1] == "resources" and (ROOT / "resources" / other[2] / other[3]).is_dir()
            )
            if is_family and other[2:4] != parts[2:4]:
                sideways.append(f"{path.relative_to(ROOT)} imports {imported}")
    assert not sideways, "families meet by address, through Work:\n" + "\n".join(sorted(set(sideways)))


def test_engines_are_pure() -> None:
    impure = [
        f"{path.relative_to(ROOT)} imports {imported}"
        for path, name, tree in modules()
        if room(name) in PURE
        for imported in imports(tree)
        if imported.split(".")[0] in IMPURE_MODULES
    ]
    assert not impure, "pass the time, the rows and the randomness in:\n" + "\n".join(impure)


@pytest.mark.parametrize(
    ("forbidden", "home", "cure"),
    [
        ("datetime.now", "base/clock.py", "use clock.now_ms() (base/clock.py)"),
        ("time.time", "base/clock.py", "use clock.now_ms() (base/clock.py)"),
        ("time.time_ns", "base/clock.py", "use clock.now_ms() (base/clock.py)"),
        ("os.environ", "base/settings.py", "add a field to Settings (base/settings.py)"),
        ("os.getenv", "base/settings.py", "add a field to Settings (base/settings.py)"),
    ],
)
def test_one_home_per_concern(forbidden: str, home: str, cure: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == forbidden and path != ROOT / home
    ]
    assert not found, f"{forbidden} at {found}: {cure}"


def test_only_the_store_speaks_sql() -> None:
    allowed = {"store"}
    found = []
    for path, name, tree in modules():
        if room(name) in allowed:
            continue
        for imported in imports(tree):
            if imported.startswith("sqlalchemy") and imported not in ("sqlalchemy", "sqlalchemy.Connection"):
                found.append(f"{path.relative_to(ROOT)} imports {imported}")
            if imported.split(".")[0] == "duckdb":
                found.append(f"{path.relative_to(ROOT)} imports {imported}")
    assert not found, "SQL lives in store/:\n" + "\n".join(found)


def test_every_file_says_what_it_is_for() -> None:
    silent = [str(path.relative_to(ROOT)) for path, _, tree in modules() if not ast.get_docstring(tree)]
    silent = [path for path in silent if (ROOT / path).read_text().strip()]
    assert not silent, f"open these with one sentence: {silent}"


def test_no_file_becomes_the_place_where_everything_happens() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path, _, _ in modules()}
    assert not {path: lines for path, lines in long.items() if lines > 500}, "split them by what they are about"
