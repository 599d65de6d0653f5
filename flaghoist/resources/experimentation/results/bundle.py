"""A metric's results as a file to keep: figures, sums, settings, and a script that works every figure out anew."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from flaghoist import __version__
from flaghoist.base import json
from flaghoist.core.resource import Body
from flaghoist.resources.experimentation import reading
from flaghoist.resources.experimentation.results import figure, formulas, published, questions, sums
from flaghoist.resources.experimentation.results.findings import Finding
from flaghoist.resources.experimentation.results.subject import Subject
from flaghoist.statistics.bayesian import PRIOR_VARIANCE_BINARY, PRIOR_VARIANCE_NUMERIC
from flaghoist.statistics.experiment import Arm
from flaghoist.store.facts.answer import Arm as Counted

_SCRIPTS = Path(__file__).parent
_PACKAGE = f"{__package__}."  # the scripts stand alone once they are packed
_WRITTEN_AT = (1980, 1, 1, 0, 0, 0)  # the same results give the same bytes, whenever they are downloaded
_KEYS = ("metric", "group", "treatmentId", "treatment", "exposed", "events", "sum")


def pack(subject: Subject, findings: Sequence[Finding], results: Mapping[str, Any]) -> bytes:
    """A zip of the results of the first finding; the others are what it is corrected together with."""
    files = {
        "README.txt": _readme(results).encode(),
        "design.json": _pretty(_design(subject, findings)),
        "figure.svg": figure.draw(results).encode(),
        **_scripts(),
        "results.json": _pretty(results),
        "sums.csv": _sums(subject, findings).encode(),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _WRITTEN_AT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def _scripts() -> dict[str, bytes]:
    paths = [_SCRIPTS / "reproduce.py", *sorted((_SCRIPTS / "arithmetic").glob("*.py"))]
    return {str(path.relative_to(_SCRIPTS)): path.read_text("utf-8").replace(_PACKAGE, "").encode() for path in paths}


def _design(subject: Subject, findings: Sequence[Finding]) -> Body:
    """Everything that was decided before the numbers were read."""
    plan = subject.plan
    return {
        "experiment": plan.experiment_key,
        "iteration": plan.id,
        "flag": plan.flag_key,
        "rule": plan.rule_id,
        "unit": plan.unit,
        "startedAt": plan.started_at_ms,
        "ended": plan.ended_at_ms is not None,
        "treatments": [
            {"id": each.id, "name": each.name, "baseline": each.baseline, "share": each.share}
            for each in plan.treatments
        ],
        "metrics": [
            {
                "key": finding.metric.key,
                "group": finding.metric.group,
                "version": finding.metric.version_id,
                "kind": sums.kind_of(plan, finding.measure),
                "settings": reading.described(finding.analysis.settings, subject.correction),
                "decisionUnits": finding.analysis.settings.decision_units,
                "priorVariance": _prior_variance(sums.kind_of(plan, finding.measure)),
            }
            for finding in findings
        ],
    }


def _prior_variance(kind: str) -> float:
    return PRIOR_VARIANCE_BINARY if kind == "share" else PRIOR_VARIANCE_NUMERIC


def _sums(subject: Subject, findings: Sequence[Finding]) -> str:
    """One row to each treatment of each metric; numbers are written so that reading them gives the same bits."""
    rows = [_row(finding, arm, counted) for finding in findings for arm, counted in _arms(subject, finding)]
    columns = [*_KEYS, *dict.fromkeys(name for row in rows for name in row if name not in _KEYS)]
    written = io.StringIO()
    table = csv.DictWriter(written, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue()


def _arms(subject: Subject, finding: Finding) -> Iterable[tuple[Arm, Counted | None]]:
    by_variation = {arm.variation: arm for arm in finding.answer.arms}
    counted = (by_variation.get(treatment.variation) for treatment in subject.plan.treatments)
    return zip(questions.arms(subject.plan, finding.measure, finding.answer.arms), counted, strict=True)


def _row(finding: Finding, arm: Arm, counted: Counted | None) -> Body:
    return {
        "metric": finding.metric.key,
        "group": finding.metric.group,
        "treatmentId": arm.id,
        "treatment": arm.name,
        "exposed": arm.exposed,
        "events": arm.events,
        "sum": counted.total if counted else 0.0,
        **sums.of(arm.sample),
    }


def _readme(results: Mapping[str, Any]) -> str:
    used = {(each["figure"], each["method"]) for each in results["formulas"]}
    chapters = [
        "\n".join(
            [f"{each.name} ({each.figure})", *(f"    {line}" for line in formulas.plain(each)), f"    {each.source}"]
        )
        for each in published.FORMULAS
        if (each.figure, each.method) in used
    ]
    meanings = {each["symbol"]: each["meaning"] for formula in results["formulas"] for each in formula["symbols"]}
    symbols = [f"    {symbol:<4} {meaning}" for symbol, meaning in meanings.items()]
    about = _ABOUT.format(version=__version__, metric=results["metric"]["key"], hash=results["inputsHash"])
    return "\n".join([about, *(f"{chapter}\n" for chapter in chapters), "Symbols", *symbols, ""])


_ABOUT = """\
Results of the metric "{metric}", by Flaghoist {version}
Inputs: {hash}

Work every figure out anew, without Flaghoist:

    python reproduce.py

It needs Python 3.10 or newer with numpy and scipy, prints each figure as served and as worked out, and ends with
exit code 1 if any two differ.

results.json  the figures as the API serves them
sums.csv      what was counted of each treatment; "squaredDeviations" is the sum of (y - mean)^2, so that
              the sum of y is n * mean and the sum of y^2 is squaredDeviations + n * mean^2
design.json   what was decided before: treatments and their shares, methodology, levels, priors, corrections
figure.svg    the relative differences, drawn
reproduce.py  the other road from sums.csv to results.json, with its arithmetic/

Taken as given: the counting itself (who was exposed, which events count; what was left out is in results.json under
"leftOut"), and the caps of winsorized values.

How each figure is worked out
-----------------------------
"""


def _pretty(body: Any) -> bytes:
    return msgspec.json.format(json.encode(body), indent=2)
