"""Which of the 410 operations are served, and which not yet: the second list may only shrink."""

import csv
import os
from pathlib import Path

from flaghoist.resources import families
from flaghoist.rest.operations import Operation

HERE = Path(__file__).parent
TABLE = HERE.parent / "contract" / "operations.tsv"
NOT_YET = HERE / "not_yet.txt"


def known() -> dict[str, tuple[str, str, int]]:
    """Operation id → (method, path, success code), as LaunchDarkly's clients know them."""
    with TABLE.open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    codes = {row["operation"]: int(row["success"].split(":")[0] or 200) for row in rows}
    return {row["operation"]: (row["method"], row["path"], codes[row["operation"]]) for row in rows}


def served() -> dict[str, Operation]:
    return {operation.name: operation for family in families() for operation in family.operations if not operation.ours}


def test_there_are_410_operations() -> None:
    assert len(known()) == 410


def test_each_served_operation_is_where_clients_look_for_it() -> None:
    table = known()
    wrong = {
        name: (operation.method, operation.path, operation.status)
        for name, operation in served().items()
        if name not in table or table[name] != (operation.method, operation.path, operation.status)
    }
    assert not wrong, f"not as in {TABLE.name}: {wrong}"


def test_the_list_of_operations_not_yet_served_is_true_and_shrinks() -> None:
    missing = sorted(known().keys() - served().keys())
    if os.environ.get("FLAGHOIST_RENEW_GOLDEN"):
        NOT_YET.write_text("\n".join(missing) + "\n")
    listed = NOT_YET.read_text().split()
    assert missing == listed, (
        f"no longer missing: {sorted(set(listed) - set(missing))}; gone missing: {sorted(set(missing) - set(listed))}"
    )


def test_ours_are_marked_and_collide_with_none() -> None:
    table = {(method, path) for method, path, _ in known().values()}
    ours = [operation for family in families() for operation in family.operations if operation.ours]
    assert not [operation.name for operation in ours if (operation.method, operation.path) in table]
