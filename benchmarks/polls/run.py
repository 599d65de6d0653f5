"""How many polls and evaluations of 1,000 flags a core answers in a second, beside the Relay Proxy and Unleash.

All hold the same flags and keep to one core; wrk asks from the other, over 16 connections that are kept alive, for
2,000 contexts in turn. Rounds take turns, the best of each counts. The processor time for each request is told too:
other work on the machine disturbs it less.
"""

import argparse
import base64
import json
import os
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import requests
from flaghoist_server import Place, flaghoist
from flags import mixed, people, ruled, shared_out, varied
from peers import relay, unleash

CONNECTIONS = 16
SERVER = ["taskset", "-c", "0"]
CLIENT = ["taskset", "-c", "1"]
SHAPES = {"mixed": mixed, "ruled": ruled, "varied": varied, "shared-out": shared_out}
GZIP = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Question:
    """What is asked of one subject: a header set and one path for each context, or one for all."""

    name: str
    subject: str
    place: Place
    paths: list[str]
    headers: dict[str, str]
    status: int = 200


@dataclass
class Told:
    """The best round so far."""

    per_second: float = 0.0
    cpu_us: float = float("inf")
    size: int = 0


def main() -> None:
    """Start everybody, ask everything in turn, print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--flags", type=int, default=1_000)
    arguments.add_argument("--shape", choices=SHAPES, default="mixed")
    arguments.add_argument("--seconds", type=float, default=3)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--without", action="append", choices=("relay", "unleash"), default=[])
    chosen = arguments.parse_args()
    flags = SHAPES[chosen.shape](chosen.flags)
    with ExitStack() as running:
        ours = running.enter_context(flaghoist(flags, SERVER))
        questions = of_flaghoist(ours)
        if "relay" not in chosen.without:
            questions += of_relay(running.enter_context(relay(ours, 18030, SERVER)))
        if "unleash" not in chosen.without:
            questions += of_unleash(running.enter_context(unleash(flags, 14242, SERVER)))
        best = {(question.name, question.subject): Told() for question in questions}
        for number in range(1, chosen.rounds + 1):
            for question in questions:
                told = best[question.name, question.subject]
                told.size = check(question)
                per_second, cpu_us = load(question, chosen.seconds)
                told.per_second, told.cpu_us = max(told.per_second, per_second), min(told.cpu_us, cpu_us)
            report(f"{len(flags)} flags, {chosen.shape}, best of {number} rounds", best)


def report(title: str, best: dict[tuple[str, str], Told]) -> None:
    """A line for each question and subject, with how many times Flaghoist's rate and its thrift are theirs."""
    print(title)
    for (name, subject), told in sorted(best.items()):
        ours = best[name, "Flaghoist"]
        ratios = f"{ours.per_second / told.per_second:6.2f}x {told.cpu_us / ours.cpu_us:6.2f}x"
        figures = f"{told.per_second:9,.0f}/s {told.cpu_us:8,.0f} µs of CPU {told.size:9,} B"
        print(f"{name:18} {subject:10} {figures} {ratios}", flush=True)


def of_flaghoist(place: Place) -> list[Question]:
    """Polls of both kinds and evaluations."""
    key = {"Authorization": place.sdk_key}
    known = {**key, "If-None-Match": requests.get(f"{place.url}/sdk/latest-all", headers=key).headers["ETag"]}
    everything = ["/sdk/latest-all"]

    def question(name: str, paths: list[str], headers: dict[str, str], status: int = 200) -> Question:
        return Question(name, "Flaghoist", place, paths, headers, status)

    return [
        question("poll", everything, key),
        question("poll, gzip", everything, {**key, **GZIP}),
        question("poll, unchanged", everything, known, 304),
        question("evaluation", evaluations(place), {}),
        question("evaluation, gzip", evaluations(place), GZIP),
    ]


def of_relay(place: Place) -> list[Question]:
    """The Relay Proxy polls flags without segments, and compresses nothing."""
    key = {"Authorization": place.sdk_key}
    etag = requests.get(f"{place.url}/sdk/flags", headers=key).headers.get("ETag", "")
    asked = [
        Question("poll", "relay", place, ["/sdk/flags"], key),
        Question("poll, gzip", "relay", place, ["/sdk/flags"], {**key, **GZIP}),
        Question("evaluation", "relay", place, evaluations(place), {}),
        Question("evaluation, gzip", "relay", place, evaluations(place), GZIP),
    ]
    if etag:
        asked.append(Question("poll, unchanged", "relay", place, ["/sdk/flags"], {**key, "If-None-Match": etag}, 304))
    return asked


def of_unleash(place: Place) -> list[Question]:
    """Its names for the same: client features and the frontend API."""
    key, front, plain = {"Authorization": place.sdk_key}, {"Authorization": place.mobile_key}, {}
    plain = {"Accept-Encoding": "identity"}
    features = ["/api/client/features"]
    etag = requests.get(f"{place.url}{features[0]}", headers={**key, **plain}).headers["ETag"]
    asked = [f"/api/frontend?{urlencode({'userId': each['key'], **each})}" for each in people()]
    return [
        Question("poll", "Unleash", place, features, {**key, **plain}),
        Question("poll, gzip", "Unleash", place, features, {**key, **GZIP}),
        Question("poll, unchanged", "Unleash", place, features, {**key, **plain, "If-None-Match": etag}, 304),
        Question("evaluation", "Unleash", place, asked, {**front, **plain}),
        Question("evaluation, gzip", "Unleash", place, asked, {**front, **GZIP}),
    ]


def evaluations(place: Place) -> list[str]:
    """A path for each context, as browsers ask."""
    contexts = [json.dumps({"kind": "user", **each}).encode() for each in people()]
    encoded = [base64.urlsafe_b64encode(context).decode().rstrip("=") for context in contexts]
    return [f"/sdk/evalx/{place.client_id}/contexts/{each}" for each in encoded]


def check(question: Question) -> int:
    """Ask once, as a proof that what is measured is what was meant; the bytes of the answer's body."""
    asked = {"Accept-Encoding": "identity", **question.headers}
    with requests.get(question.place.url + question.paths[0], headers=asked, stream=True) as answer:
        assert answer.status_code == question.status, f"{question}: {answer.status_code} {answer.text[:300]}"
        return len(answer.raw.read(decode_content=False))


def load(question: Question, seconds: float) -> tuple[float, float]:
    """Requests per second, and microseconds of the server's processor time for each."""
    headers = "".join(
        f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}\n" for name, value in question.headers.items()
    )
    paths = ",".join(json.dumps(path) for path in question.paths)
    asking = "n = n % #paths + 1; return wrk.format('GET', paths[n])"
    script = f"{headers}local paths = {{{paths}}}\nlocal n = 0\nfunction request() {asking} end\n"
    script += (
        "function done(summary) local e = summary.errors\n"
        "print('COUNTED ' .. summary.requests .. ' ' .. summary.duration .. ' ' ..\n"
        "e.connect + e.read + e.write + e.status + e.timeout) end\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "asking.lua").write_text(script)
        command = [
            *CLIENT,
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{seconds:g}s",
            "--timeout",
            "60s",
            "-s",
            f"{folder}/asking.lua",
        ]
        before = cpu_seconds(question.place.pid)
        done = subprocess.run([*command, question.place.url], check=True, capture_output=True, text=True)
        spent = cpu_seconds(question.place.pid) - before
    counted = next(line for line in done.stdout.splitlines() if line.startswith("COUNTED")).split()
    requests_made, duration_us, failed = (float(each) for each in counted[1:])
    assert not failed, f"{question.name} of {question.subject}: {done.stdout}"
    return requests_made / duration_us * 1e6, spent / requests_made * 1e6


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
