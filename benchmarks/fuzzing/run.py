"""Feeds every parser with input that grows towards what it has not yet seen of the code, for as long as asked."""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve()
SUPPORT = HERE.parents[2] / "tests" / "support"
_STATISTICS = re.compile(r"#(\d+)\s+\S+\s+cov: (\d+) ft: (\d+)")


def main() -> int:
    """Each target in a process of its own; gives how many of them found something."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=10, help="for each target [10]")
    arguments.add_argument("--target", action="append", help="only this one; may be repeated")
    arguments.add_argument("--alone", help=argparse.SUPPRESS)
    chosen, rest = arguments.parse_known_args()
    sys.path.insert(0, str(SUPPORT))
    if chosen.alone:
        fuzz(chosen.alone, rest)
        return 0
    from fuzzed import TARGETS, seed_bytes

    failed = 0
    for name in chosen.target or TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            corpus = Path(folder, "corpus")
            corpus.mkdir()
            for number, seed in enumerate(seed_bytes(TARGETS[name])):
                Path(corpus, f"seed-{number}").write_bytes(seed)
            failed += not told(name, corpus, Path(folder), chosen.seconds)
    return failed


def told(name: str, corpus: Path, folder: Path, seconds: int) -> bool:
    """Print what came of a target; whether nothing was found."""
    command = [sys.executable, str(HERE), "--alone", name, str(corpus), f"-max_total_time={seconds}", "-max_len=4096"]
    limits = ["-timeout=20", "-rss_limit_mb=3000", "-print_final_stats=0", f"-artifact_prefix={folder}/"]
    ran = subprocess.run([*command, *limits], capture_output=True, text=True, errors="replace", check=False)
    seen = _STATISTICS.findall(ran.stderr)
    tried, covered, features = seen[-1] if seen else ("0", "0", "0")
    print(f"{name:12} {int(tried):>9,} inputs  {covered:>5} branches  {features:>6} features  ", end="")
    print("nothing found" if ran.returncode == 0 else f"FAILED with status {ran.returncode}", flush=True)
    if ran.returncode != 0:
        print(ran.stderr[-4000:])
        for found in sorted(folder.glob("*-*")):
            print(f"the input was {found.read_bytes()!r}")
    return ran.returncode == 0


def fuzz(name: str, options: list[str]) -> None:
    """Grow input for one target until time is over or something is found."""
    import atheris

    with atheris.instrument_imports(include=["flaghoist"]):
        from fuzzed import TARGETS, in_time

    target = TARGETS[name]
    atheris.Setup([sys.argv[0], *options], lambda raw: in_time(target, raw))
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
