"""SDKs in other languages, each a process of its own that is told what to do, one JSON line at a time."""

import itertools
import json
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Traffic = list[tuple[str, str, int]]


class Failed(Exception):
    """The SDK said no."""


class DrivenClient:
    """An SDK in a process of its own; calls carry the names of its own methods."""

    def __init__(self, command: list[str], cwd: Path) -> None:
        self._process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._numbers = itertools.count(1)
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._said: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_answers, daemon=True),
            threading.Thread(target=self._read_log, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def call(self, name: str, *args: Any, within_seconds: float = 20) -> Any:
        """What a method answers; raises ``Failed`` with what the SDK says went wrong."""
        number = next(self._numbers)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "call": name, "args": args}) + "\n")
        self._process.stdin.flush()
        try:
            line = self._answers.get(timeout=within_seconds)
        except queue.Empty:
            raise AssertionError(f"{name} was not answered in {within_seconds} s; {self.log()}") from None
        assert line is not None, f"the client ended during {name}; {self.log()}"
        answer = json.loads(line)
        assert answer["id"] == number
        if "error" in answer:
            raise Failed(f"{name}: {answer['error']}")
        return answer["answer"]

    def traffic(self) -> Traffic:
        """Every request answered so far: method, path, status."""
        return [(each["method"], each["path"], each["status"]) for each in self.call("traffic")]

    def origins(self) -> set[str]:
        """Every server that was spoken to."""
        return {each["origin"] for each in self.call("traffic")}

    def log(self) -> str:
        """What the SDK has logged."""
        return "its log:\n" + "".join(self._said[-60:])

    def end(self) -> None:
        """End the process; it has a few seconds to do so by itself."""
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join(5)
        self._process.stdout.close()
        self._process.stderr.close()

    def _read_answers(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(None)

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        self._said.extend(self._process.stderr)


def until(condition: Callable[[], Any], within_seconds: float) -> float:
    """Wait for something to become true and give the seconds it took; fail if that takes too long."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within_seconds, f"waited {within_seconds} s in vain"
        time.sleep(0.01)
    return time.monotonic() - began
