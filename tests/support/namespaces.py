"""Networks of their own for tests: machines that are network namespaces, and switches whose cables can be pulled."""

import contextlib
import ctypes
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(2)


class Switch:
    """A switch, on which this machine has the first address; addresses are from a range kept for tests (RFC 2544)."""

    def __init__(self, network: int) -> None:
        self.prefix = f"198.18.{network}"
        self.name = f"fh{os.getpid() % 100000}x{network}"
        _ip("link", "add", self.name, "type", "bridge")
        _ip("address", "add", f"{self.prefix}.1/24", "dev", self.name)
        _ip("link", "set", self.name, "up")

    @property
    def here(self) -> str:
        """The address of this machine."""
        return f"{self.prefix}.1"

    def remove(self) -> None:
        """Take it away."""
        _ip("link", "delete", self.name)


class Machine:
    """A network namespace with a cable to each of some switches."""

    def __init__(self, name: str, *switches: Switch) -> None:
        self.number = next(_numbers)
        self.name = f"fh{os.getpid()}-{self.number}-{name}"
        _ip("netns", "add", self.name)
        self._cables = {
            switch.prefix: f"fh{os.getpid() % 100000}v{self.number}{at}" for at, switch in enumerate(switches)
        }
        self._in_namespace("link", "set", "lo", "up")
        for at, switch in enumerate(switches):
            cable = self._cables[switch.prefix]
            _ip("link", "add", cable, "type", "veth", "peer", "name", f"eth{at}", "netns", self.name)
            self._in_namespace("address", "add", f"{self.at(switch)}/24", "dev", f"eth{at}")
            self._in_namespace("link", "set", f"eth{at}", "up")
            _ip("link", "set", cable, "up")
            self.join(switch)

    def at(self, switch: Switch) -> str:
        """Its address on a switch."""
        return f"{switch.prefix}.{self.number}"

    def cut(self, switch: Switch) -> None:
        """Let everything vanish that it says to the others on a switch, and they to it; nobody is told."""
        _ip("link", "set", self._cables[switch.prefix], "nomaster")

    def join(self, switch: Switch) -> None:
        """Let it be heard again."""
        _ip("link", "set", self._cables[switch.prefix], "master", switch.name)

    def knows(self, other: "Machine", switch: Switch) -> None:
        """Never ask where another is: else the system itself notices after seconds that nobody answers."""
        for one, peer in ((self, other), (other, self)):
            device = f"eth{list(peer._cables).index(switch.prefix)}"
            shown = peer._in_namespace("-brief", "link", "show", device).split()[2]
            mine = f"eth{list(one._cables).index(switch.prefix)}"
            one._in_namespace("neighbour", "replace", peer.at(switch), "lladdr", shown, "dev", mine, "nud", "permanent")

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Whatever this thread starts or connects meanwhile, it does there."""
        with Path("/proc/thread-self/ns/net").open() as home, Path(f"/run/netns/{self.name}").open() as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(home.fileno())

    def remove(self) -> None:
        """Take it away; nothing may run in it any more."""
        _ip("netns", "delete", self.name)

    def _in_namespace(self, *words: str) -> str:
        return _ip("-netns", self.name, *words)


class Networks:
    """Makes switches and machines, and takes them away in the end."""

    def __init__(self) -> None:
        self._made: list[Switch | Machine] = []

    def switch(self) -> Switch:
        """A switch with addresses that nobody on this machine uses."""
        taken = _ip("-brief", "address")
        network = next(each for each in range(os.getpid() % 200, 256) if f" 198.18.{each}." not in taken)
        self._made.append(made := Switch(network))
        return made

    def machine(self, name: str, *switches: Switch) -> Machine:
        """A machine on some switches."""
        self._made.append(made := Machine(name, *switches))
        return made

    def remove(self) -> None:
        """Take everything away, the last first."""
        for each in reversed(self._made):
            with contextlib.suppress(subprocess.CalledProcessError):  # what is left is told by the next start
                each.remove()
        self._made.clear()


def networks() -> Iterator[Networks]:
    """Networks for a fixture; skips where this machine does not let us have any."""
    made = Networks()
    try:
        made.machine("probe", made.switch())
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        made.remove()
        reason = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else "there is no `ip`"
        pytest.skip(f"network namespaces need root and iproute2 on Linux: {reason}")
    try:
        yield made
    finally:
        made.remove()


def _ip(*words: str) -> str:
    program = shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "ip"
    return subprocess.run([program, *words], check=True, capture_output=True, text=True, timeout=20).stdout


def _enter(network: int) -> None:
    if _libc.setns(network, _NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace")
