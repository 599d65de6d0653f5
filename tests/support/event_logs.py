"""Real logs of events for tests: a Kafka and a NATS with JetStream, each on a free port, that go away and come back."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from certificates import Certificate, certificate
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
SECURED_LISTENER = """
listeners=SASL_SSL://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://127.0.0.1:{port}
inter.broker.listener.name=SASL_SSL
listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location={folder}/keystore.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/certificate.pem
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
  username="broker" password="of the broker" user_broker="of the broker" user_{user}="{password}";
"""
USER, PASSWORD = "flags", "s3cr3t of the flags"
JAVA = ("java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{KAFKA}/*")


class RunningLog:
    """A log in a folder; what it took in is there again after it was away."""

    def __init__(self, kind: str, folder: Path, *, is_secured: bool = False) -> None:
        """``kind`` is kafka or nats; a secured one has a certificate of its own, and lets in whom it knows."""
        self._folder = folder
        self._port = free_port()
        self.url = f"{kind}://127.0.0.1:{self._port}/events"
        self.certificate: Certificate | None = certificate(folder) if is_secured else None
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
        lines = [f"listen: 127.0.0.1:{self._port}", "max_payload: 16MB", store]
        if self.certificate:
            tls = f'cert_file: "{self.certificate.chain}", key_file: "{self.certificate.key}"'
            lines.append(f"tls {{ {tls} }}")
            lines.append(f'authorization {{ user: "{USER}", password: "{PASSWORD}" }}')
        settings.write_text("\n".join(lines) + "\n")
        return [program, "-c", str(settings)]

    def _kafka(self) -> list[str]:
        assert any(KAFKA.glob("kafka_*.jar")), "make test-world fetches Kafka"
        settings = self._folder / "kafka.properties"
        text = KAFKA_SETTINGS + (SECURED_LISTENER if self.certificate else "")
        if self.certificate:
            both = Path(self.certificate.key).read_text() + Path(self.certificate.chain).read_text()
            (self._folder / "keystore.pem").write_text(both)
        names = {"port": self._port, "controller": free_port(), "folder": self._folder}
        settings.write_text(text.format(**names, user=USER, password=PASSWORD).lstrip())
        made = [*JAVA, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", str(settings)]
        subprocess.run(made, check=True, capture_output=True, timeout=60)
        return [*JAVA, "kafka.Kafka", str(settings)]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
