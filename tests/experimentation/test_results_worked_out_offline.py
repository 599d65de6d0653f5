"""A colleague downloads a metric's results and works every figure out anew, on a machine that has no Flaghoist."""

import csv
import json
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy
import pytest
import scipy
from crowds import ask, crowd, exposure, sale, tell
from laboratory import Laboratory
from servers import Server

SEQUENTIAL = {"sequentialTestingEnabled": True, "testDirection": "one-sided", "significanceThreshold": "5"}
CORRECTED = {
    "significanceThreshold": "5",
    "multipleComparisonCorrectionMethod": "benjamini-hochberg",
    "multipleComparisonCorrectionScope": "variations-and-metrics",
}
AMOUNTS = {"eventKey": "sold", "isNumeric": True, "unit": "ms", "successCriteria": "LowerThanBaseline"}


@pytest.fixture
def lab(server: Server) -> Laboratory:
    return Laboratory(server)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with numpy and scipy in it, and nothing else."""
    folder = tmp_path_factory.mktemp("packages")
    for package in (numpy, scipy):
        home = Path(str(package.__file__)).parent
        for part in (home, home.with_name(f"{home.name}.libs")):
            if part.exists():
                (folder / part.name).symlink_to(part)
    return folder


def test_a_share_by_belief_with_three_treatments(lab: Laboratory, bare: Path, tmp_path: Path) -> None:
    lab.started(methodology="bayesian", iteration={"treatments": lab.treatments("34", "33", "33")})
    crowd(lab, (410, 390, 400), (60, 82, 0))
    told = worked_out(unpacked(lab, "sold", tmp_path), bare)
    assert told.returncode == 0, told.stdout
    for figure in ("pBest", "expectedLoss", "credibleInterval · upper", "sample ratio · logBayesFactor"):
        assert figure in told.stdout
    assert "absent" not in told.stdout, "the script knows nothing that is not served, and the other way round"


def test_amounts_by_belief(lab: Laboratory, bare: Path, tmp_path: Path) -> None:
    lab.started(methodology="bayesian")
    spend(lab)
    told = worked_out(unpacked(lab, "spent", tmp_path), bare)
    assert told.returncode == 0, told.stdout


def test_amounts_by_tests_corrected_across_metrics_after_the_end(lab: Laboratory, bare: Path, tmp_path: Path) -> None:
    three = lab.treatments("34", "33", "33")
    lab.started(methodology="frequentist", analysisConfig=CORRECTED, iteration={"treatments": three})
    crowd(lab, (400, 410, 390), (60, 110, 70))
    spend(lab, (("p0", 60), ("p1", 110), ("p2", 70)))
    lab.do("stopIteration", winningTreatmentId=lab.variations[1], winningReason="test")
    folder = unpacked(lab, "spent", tmp_path)
    told = worked_out(folder, bare)
    assert told.returncode == 0, told.stdout
    assert "adjustedPValue" in told.stdout
    with (folder / "sums.csv").open() as file:
        assert {row["metric"] for row in csv.DictReader(file)} == {"sold", "spent"}, "the p-values of both are needed"


@pytest.mark.parametrize("metric", ["slowest", "typical"])
def test_percentiles_and_ratios_at_any_number_of_looks(
    lab: Laboratory, bare: Path, tmp_path: Path, metric: str
) -> None:
    lab.make_metric("slowest", **AMOUNTS, analysisType="percentile", percentileValue=90)
    lab.make_metric("typical", **AMOUNTS, eventDefault={"disabled": True})
    metrics = {"metrics": [{"key": "slowest"}, {"key": "typical"}], "primarySingleMetricKey": "slowest"}
    lab.started(methodology="frequentist", analysisConfig=SEQUENTIAL, iteration=metrics)
    spend(lab)
    told = worked_out(unpacked(lab, metric, tmp_path), bare)
    assert told.returncode == 0, told.stdout
    assert "always-valid-log-ratio" in told.stdout


def test_a_handful_of_conversions_by_exact_tests(lab: Laboratory, bare: Path, tmp_path: Path) -> None:
    lab.started(methodology="frequentist")
    crowd(lab, (40, 42), (1, 4))
    told = worked_out(unpacked(lab, "sold", tmp_path), bare)
    assert told.returncode == 0, told.stdout
    assert "newcombe-fisher" in told.stdout


def test_an_experiment_that_nobody_saw_has_nothing_to_differ(lab: Laboratory, bare: Path, tmp_path: Path) -> None:
    lab.started(methodology="bayesian")
    told = worked_out(unpacked(lab, "spent", tmp_path), bare)
    assert told.returncode == 0, told.stdout


def test_a_figure_that_somebody_touched_is_found(lab: Laboratory, bare: Path, tmp_path: Path) -> None:
    lab.started(methodology="bayesian")
    crowd(lab, (200, 210), (30, 50))
    folder = unpacked(lab, "sold", tmp_path)
    served = json.loads((folder / "results.json").read_text())
    assert worked_out(folder, bare).returncode == 0
    for place, name in ((1, "pBest"), (1, "expectedLoss")):
        touched = json.loads(json.dumps(served))
        touched["results"][0]["treatmentResults"][place][name] *= 1.001
        (folder / "results.json").write_text(json.dumps(touched))
        told = worked_out(folder, bare)
        assert told.returncode == 1
        (row,) = [line for line in told.stdout.splitlines() if line.endswith("NO")]
        assert name in row
    del served["results"][0]["treatmentResults"][1]["frequentist"]["pValue"]
    (folder / "results.json").write_text(json.dumps(served))
    assert worked_out(folder, bare).returncode == 1, "a figure left out differs too"


def test_the_download_is_what_was_served_and_always_the_same_bytes(lab: Laboratory, tmp_path: Path) -> None:
    lab.started()
    crowd(lab, (50, 50), (5, 9))
    answers = [download(lab, "sold") for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["content-type"] == "application/zip"
    assert 'filename="colour-sold-results.zip"' in answers[0].headers["content-disposition"]
    folder = unpacked(lab, "sold", tmp_path)
    assert json.loads((folder / "results.json").read_text()) == ask(lab)
    assert "flaghoist" not in (folder / "reproduce.py").read_text()
    readme = (folder / "README.txt").read_text()
    assert "Wilson, JASA 1927" in readme or "Fisher" in readme
    assert "{" not in readme
    assert (folder / "figure.svg").read_text().startswith("<svg")
    stranger = lab.server.token_for(inlineRole=[{"effect": "deny", "resources": ["*"], "actions": ["*"]}])
    assert download(lab, "sold", token=stranger).status_code == 403


def spend(lab: Laboratory, crowds: tuple[tuple[str, int], ...] = (("a", 260), ("b", 250))) -> None:
    """People of two or more treatments, most of whom spend something of their own."""
    for place, (name, size) in enumerate(crowds):
        if not name.startswith("p"):
            tell(lab, *(exposure(f"{name}{number}", place) for number in range(size)))
        key = f"{name}-" if name.startswith("p") else name
        amounts = [40 + 11 * place + (number * 37) % 23 for number in range(0, size, 1 + place % 2)]
        tell(lab, *(sale(f"{key}{number}", amount) for number, amount in enumerate(amounts)))


def download(lab: Laboratory, metric: str, token: str | None = None) -> Any:
    path = f"{lab.server.url}/internal{lab.path}/colour/metrics/{metric}/results/bundle"
    return lab.server.session.get(path, headers={"Authorization": token or lab.server.token}, timeout=30)


def unpacked(lab: Laboratory, metric: str, folder: Path) -> Path:
    answer = download(lab, metric)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(BytesIO(answer.content)) as bundle:
        bundle.extractall(folder)
    return folder


def worked_out(folder: Path, packages: Path) -> subprocess.CompletedProcess[str]:
    """Run the script as its reader would, where only numpy and scipy are installed."""
    return subprocess.run(
        [sys.executable, "-S", "reproduce.py"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(packages), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
