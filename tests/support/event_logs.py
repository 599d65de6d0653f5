"""Real logs of events for tests: a Kafka and a NATS with JetStream, each on a free port, that go away and come back."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from toolchains import KAFKA

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
KAFKA_SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={folder}/kafka
offsets.topic.replication.factor=1
"""
JAVA = ("java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{KAFKA}/*")


class RunningLog:
    """A log in a folder; what it took in is there again after it was away."""

    def __init__(self, kind: str, folder: Path) -> None:
        """``kind`` is kafka or nats."""
        self._folder = folder
        self._port = free_port()
        self.url = f"{kind}://127.0.0.1:{self._port}/events"
        self._command = self._kafka() if kind == "kafka" else self._nats()
        self.start()

    def start(self) -> None:
        """Let it be there, soon."""
        self._process = subprocess.Popen(
            self._command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def stop(self) -> None:
        """Let it be away."""
        self._process.terminate()
        self._process.wait(30)

    def _nats(self) -> list[str]:
        program = shutil.which("nats-server", path=PATH)
        assert program, "make test-world installs nats-server"
        settings = self._folder / "nats.conf"
        store = f'jetstream {{ store_dir: "{self._folder}/jetstream" }}'
        settings.write_text(f"listen: 127.0.0.1:{self._port}\nmax_payload: 16MB\n{store}\n")
        return [program, "-c", str(settings)]

    def _kafka(self) -> list[str]:
        assert any(KAFKA.glob("kafka_*.jar")), "make test-world fetches Kafka"
        settings = self._folder / "kafka.properties"
        settings.write_text(
            KAFKA_SETTINGS.format(port=self._port, controller=free_port(), folder=self._folder).lstrip()
        )
        made = [*JAVA, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", str(settings)]
        subprocess.run(made, check=True, capture_output=True, timeout=60)
        return [*JAVA, "kafka.Kafka", str(settings)]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
