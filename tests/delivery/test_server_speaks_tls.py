"""Given a certificate, the server speaks HTTPS and nothing else; given half of one, it says what is missing."""

import os
import subprocess
import sys
from pathlib import Path

import ldclient
import pytest
import python_sdk
import requests
from certificates import certificate
from cryptography.hazmat.primitives import serialization
from ldclient.config import HTTPConfig
from servers import start_server


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


def test_rest_and_streams_are_served_over_https(tmp_path, pem, until):
    running = start_server(tmp_path, tls_cert=pem.chain, tls_key=pem.key)
    try:
        assert running.url.startswith("https://127.0.0.1:")
        running.session.trust_env, running.session.verify = False, pem.chain
        running.ok("POST", "/flags/default", json={"key": "checkout", "name": "Checkout"})
        sdk_key = running.ok("GET", "/projects/default/environments/test")["apiKey"]
        with python_sdk.following(running.url, sdk_key, http=HTTPConfig(ca_certs=pem.chain)) as sdk:
            ann = ldclient.Context.create("ann")
            assert sdk.variation("checkout", ann, None) is False
            change = {"environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}]}
            semantic = {"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}
            running.ok("PATCH", "/flags/default/checkout", json=change, headers=semantic)
            until(lambda: sdk.variation("checkout", ann, None) is True)
        with pytest.raises(requests.ConnectionError):
            requests.get(running.url.replace("https", "http") + "/status", timeout=5)
    finally:
        assert running.stop() == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"TLS_CERT": "chain"}, "tls_key is not set"),
        ({"TLS_KEY": "key"}, "tls_cert is not set"),
        ({"TLS_CERT": "nowhere", "TLS_KEY": "key"}, "tls_cert cannot be read: "),
        ({"TLS_CERT": "key", "TLS_KEY": "chain"}, "are no certificate and its key"),
        ({"TLS_CERT": "chain", "TLS_KEY": "locked"}, "the key is encrypted"),
    ],
    ids=["certificate-alone", "key-alone", "no-such-file", "mixed-up", "encrypted-key"],
)
def test_half_a_certificate_is_refused_before_anything_starts(tmp_path, pem, given, told):
    locked = tmp_path / "locked.pem"
    key = serialization.load_pem_private_key(Path(pem.key).read_bytes(), password=None)
    sealed = serialization.BestAvailableEncryption(b"secret")
    as_pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    locked.write_bytes(key.private_bytes(*as_pem, sealed))
    paths = {"chain": pem.chain, "key": pem.key, "nowhere": "/nowhere/at/all.pem", "locked": str(locked)}
    environment = {**os.environ, **{f"FLAGHOIST_{name}": paths[path] for name, path in given.items()}}
    started = subprocess.run(
        [sys.executable, "-m", "flaghoist.cli", "serve", "--port", "0", "--data-dir", str(tmp_path / "data")],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.returncode == 1
    assert told in started.stderr
    assert "Traceback" not in started.stderr
    assert not (tmp_path / "data").exists()
