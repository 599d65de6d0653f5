"""A living experiment with a known truth: real SDK, real server, estimates that settle on it before your eyes.

Starts a server of its own on a throw-away folder, makes a project, a flag, two metrics and an experiment with the
official API client, then lets simulated visitors evaluate the flag and report events through the official Python SDK.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import launchdarkly_api as api
import ldclient
import requests
from ldclient.config import Config
from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

TOKEN = "api-demo-0000-0000-0000-000000000000"
PROJECT, ENVIRONMENT, FLAG, EXPERIMENT = "demo-shop", "production", "new-checkout", "checkout-2026"

# The truth, which the experiment is to find: conversion per visitor, and what an order is worth.
CONVERSION = {False: 0.20, True: 0.24}
ORDER_VALUE = {False: 50.0, True: 51.0}
TRUE_LIFT = {
    "checkout-completed": CONVERSION[True] / CONVERSION[False] - 1,
    "order-value": CONVERSION[True] * ORDER_VALUE[True] / (CONVERSION[False] * ORDER_VALUE[False]) - 1,
}


def main() -> int:
    """Run the demo."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=30_000, help="simulated visitors [30000]")
    parser.add_argument("--seed", type=int, default=20261123, help="of the simulated behaviour [20261123]")
    parser.add_argument(
        "--keep",
        action=argparse.BooleanOptionalAction,
        default=sys.stdout.isatty(),
        help="keep serving afterwards, until Ctrl-C [in a terminal]",
    )
    chosen = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="flaghoist-demo-") as folder, served(Path(folder), console) as (url, link):
        sdk_key = set_up(url, console)
        page = f"{url}/projects/{PROJECT}/{ENVIRONMENT}/experiments/{EXPERIMENT}"
        console.print(f"  watch it in a browser: set a password at {link}", soft_wrap=True)
        console.print(f"  then open {page}", soft_wrap=True)
        shown = simulate(url, sdk_key, chosen.visitors, chosen.seed, console)
        verdict(shown, console)
        if chosen.keep:
            console.print(f"\nStill serving on {url} with token {TOKEN}; Ctrl-C ends it.")
            with suppress(KeyboardInterrupt):
                signal.pause()
    return 0


@contextmanager
def served(folder: Path, console: Console) -> Iterator[tuple[str, str]]:
    """A server of our own for as long as the demo runs: where it is, and the link by which its owner signs in."""
    console.print(f"[bold]1[/] starting a server on a throw-away folder ({folder})")
    environment = {**os.environ, "FLAGHOIST_ACCESS_TOKEN": TOKEN, "FLAGHOIST_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "flaghoist.cli", "serve", "--port", "0", "--data-dir", str(folder)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield (
            next(line.rpartition(" on ")[2].strip() for line in process.stdout if " on http://" in line),
            next(line.strip() for line in process.stdout if "/welcome?token=" in line),
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def set_up(url: str, console: Console) -> str:
    """Everything an experiment needs, made with the official API client; gives the SDK key."""
    console.print("[bold]2[/] making a flag, two metrics and an experiment with the official API client")
    configuration = api.Configuration(host=url, api_key={"ApiKey": TOKEN})
    with api.ApiClient(configuration) as client:
        api.ProjectsApi(client).post_project(api.ProjectPost(key=PROJECT, name="Demo shop"))
        flags = api.FeatureFlagsApi(client)
        flag = flags.post_feature_flag(PROJECT, api.FeatureFlagBody(key=FLAG, name="New checkout"))
        on = {"environmentKey": ENVIRONMENT, "instructions": [{"kind": "turnFlagOn"}]}
        requests.patch(f"{url}/api/v2/flags/{PROJECT}/{FLAG}", json=on, headers={"Authorization": TOKEN}, timeout=30)
        metrics = api.MetricsApi(client)
        metrics.post_metric(
            PROJECT,
            api.MetricPost(
                key="checkout-completed",
                name="Checkout completed",
                kind="custom",
                is_numeric=False,
                event_key="checkout",
                success_criteria="HigherThanBaseline",
            ),
        )
        metrics.post_metric(
            PROJECT,
            api.MetricPost(
                key="order-value",
                name="Order value per visitor",
                kind="custom",
                is_numeric=True,
                event_key="checkout",
                unit="EUR",
                success_criteria="HigherThanBaseline",
                unit_aggregation_type="sum",
            ),
        )
        treated, control = (variation.id for variation in flag.variations)
        experiments = api.ExperimentsApi(client)
        targeting = flags.get_feature_flag(PROJECT, FLAG).environments or {}
        version = targeting[ENVIRONMENT].version
        experiments.create_experiment(PROJECT, ENVIRONMENT, _experiment(treated, control, version))
        start = api.ExperimentPatchInput(instructions=[{"kind": "startIteration"}])
        experiments.patch_experiment(PROJECT, ENVIRONMENT, EXPERIMENT, start)
        environment = api.EnvironmentsApi(client).get_environment(PROJECT, ENVIRONMENT)
    return str(environment.api_key)


def _experiment(treated: str, control: str, version: int) -> api.ExperimentPost:
    return api.ExperimentPost(
        key=EXPERIMENT,
        name="Does the new checkout sell more?",
        methodology="bayesian",
        iteration=api.IterationInput(
            hypothesis="The new checkout sells more",
            metrics=[api.MetricInput(key=key, is_group=False) for key in TRUE_LIFT],
            primary_single_metric_key="checkout-completed",
            randomization_unit="user",
            treatments=[
                _treatment("Old checkout", control, baseline=True),
                _treatment("New checkout", treated, baseline=False),
            ],
            flags={FLAG: api.FlagInput(rule_id="fallthrough", flag_config_version=version)},
        ),
    )


def _treatment(name: str, variation: str, *, baseline: bool) -> api.TreatmentInput:
    parameters = [api.TreatmentParameterInput(flag_key=FLAG, variation_id=variation)]
    return api.TreatmentInput(name=name, baseline=baseline, allocation_percent="50", parameters=parameters)


def simulate(url: str, sdk_key: str, visitors: int, seed: int, console: Console) -> dict[str, Any]:
    """Visitors come, see a variation and act on it; the table of estimates is read from the server as they do."""
    console.print(f"[bold]3[/] {visitors:,} visitors come, through the official SDK\n")
    client = ldclient.LDClient(
        Config(sdk_key, base_uri=url, stream_uri=url, events_uri=url, diagnostic_opt_out=True), start_wait=10
    )
    assert client.is_initialized(), "the SDK could not connect"
    chance = random.Random(seed)
    progress = Progress(
        TextColumn("visitors"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )
    task = progress.add_task("visitors", total=visitors)
    results: dict[str, Any] = {}
    seen = time.monotonic()
    with Live(Group(progress), console=console, refresh_per_second=4) as live:
        for number in range(visitors):
            visit(client, f"visitor-{number}", chance)
            progress.update(task, advance=1)
            if number % 250 == 249:
                client.flush()
                time.sleep(0.05)  # let the SDK send: it keeps at most 10,000 events
            if time.monotonic() - seen > 1:
                results = read(url)
                live.update(Group(progress, table(results)))
                seen = time.monotonic()
        client.close()
        results = settle(url, visitors)
        live.update(Group(progress, table(results)))
    return results


def visit(client: ldclient.LDClient, key: str, chance: random.Random) -> None:
    """One visitor: sees a checkout, completes it or not, and pays if so."""
    visitor = ldclient.Context.builder(key).build()
    treated = bool(client.variation(FLAG, visitor, False))
    if chance.random() < CONVERSION[treated]:
        client.track("checkout", visitor, metric_value=round(chance.gauss(ORDER_VALUE[treated], 12.0), 2))


def settle(url: str, visitors: int) -> dict[str, Any]:
    """The results once every visitor is in them."""
    for _ in range(100):
        results = read(url)
        counted = [arm.get("traffic", 0) for found in results.values() for arm in arms(found)]
        if sum(counted) >= visitors * len(results):
            return results
        time.sleep(0.2)
    return results


def read(url: str) -> dict[str, Any]:
    """The results of each metric as the server gives them."""
    at = f"{url}/api/v2/projects/{PROJECT}/environments/{ENVIRONMENT}/experiments/{EXPERIMENT}/metrics"
    headers = {"Authorization": TOKEN}
    return {
        key: requests.get(f"{at}/{key}/results?expand=traffic", headers=headers, timeout=30).json() for key in TRUE_LIFT
    }


def arms(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The treatments of a metric's results."""
    slices = found.get("results") or [{}]
    return list(slices[0].get("treatmentResults", []))


def table(results: dict[str, Any]) -> Table:
    """What is known by now, a block to a metric and a line to a treatment, beside the truth."""
    sure = next(iter(results.values()))["settings"]["bayesianThreshold"]
    shown = Table(title="What the server says", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("", "visitors", "mean", "lift", f"{sure:.0%} interval", "truth", "best"):
        shown.add_column(name, justify="right" if name else "left", no_wrap=True)
    for key, found in results.items():
        shown.add_row(f"[bold]{key}[/]")
        for arm in arms(found):
            shown.add_row(f"  {arm['treatmentName']}", *_cells(key, arm))
    return shown


def _cells(key: str, arm: dict[str, Any]) -> list[str | Text]:
    mean, best = arm.get("mean"), arm.get("pBest")
    counted = [f"{arm.get('traffic', 0):,}", "–" if mean is None else f"{mean:.3f}"]
    chance = "–" if best is None else f"{best:.1%}" if 0.0005 < best < 0.9995 else f"≈{best:.0%}"
    lift = next(iter(arm.get("relativeDifferences") or []), {})
    if arm["baseline"] or "value" not in lift:
        return [*counted, "baseline" if arm["baseline"] else "–", "", "", chance]
    true = TRUE_LIFT[key]
    is_covered = lift["lower"] <= true <= lift["upper"]
    interval = f"{lift['lower']:+.0%} … {lift['upper']:+.0%}"
    truth = Text(f"{true:+.1%} {'✔' if is_covered else '✘'}", style="green" if is_covered else "red")
    return [*counted, f"{lift['value']:+.1%}", interval, truth, chance]


def verdict(results: dict[str, Any], console: Console) -> None:
    """One sentence to a metric."""
    console.print()
    for key, found in results.items():
        console.print(f"[bold]{key}[/]: {found.get('verdict', {}).get('sentence', 'no verdict')}")
        for note in found.get("health", []):
            if note["status"] != "ok":
                console.print(f"   {note['status']}: {note['message']}")


if __name__ == "__main__":
    sys.exit(main())
