"""After everything has been used, no secret can be read in the data folder, in the database, or in the log."""

import base64
import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import requests
from browsers import Browser
from psycopg.sql import SQL, Identifier
from servers import Server, start_server

from flaghoist.app.sign_in_links import new_link
from flaghoist.base.settings import Settings

PASSWORD = "nine lanterns under the stairs"
WRONG_PASSWORD = "ten lanterns above the stairs"
WRONG_TOKEN = "api-ffffffff-1234-4321-8888-000011112222"
ENVIRONMENT = "/projects/default/environments/test"


@pytest.fixture(params=["sqlite", "postgresql"])
def used(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Server, Path, dict[str, str]]]:
    """A server that has been used by everybody, its log, and every secret anybody used there."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgresql").database()
    log = tmp_path / "log"
    running = start_server(tmp_path / "data", database_url=url, log=log, log_level="debug", access_log="yes")
    known = {"first token": running.token, "wrong token": WRONG_TOKEN, "wrong password": WRONG_PASSWORD}
    known |= manage(running)
    known |= sign_in(running)
    known |= tell_others(running, log)
    serve(running)
    yield running, log, known
    assert running.stop() == 0


def manage(server: Server) -> dict[str, str]:
    first = server.ok("GET", ENVIRONMENT)
    known = {"first SDK key": first["apiKey"], "first mobile key": first["mobileKey"]}
    tomorrow = int(time.time() * 1000) + 86_400_000
    known["second SDK key"] = server.ok("POST", f"{ENVIRONMENT}/apiKey?expiry={tomorrow}")["apiKey"]
    known["SDK key"] = server.ok("POST", f"{ENVIRONMENT}/apiKey?expiry={tomorrow}")["apiKey"]
    known["mobile key"] = server.ok("POST", f"{ENVIRONMENT}/mobileKey")["mobileKey"]
    copied = {"key": "copied", "name": "Copied", "color": "ffffff", "source": {"key": "test"}}
    known["copied SDK key"] = server.ok("POST", "/projects/default/environments", json=copied)["apiKey"]
    gone = server.ok("POST", "/projects/default/environments", json={**copied, "key": "gone"})
    known["deleted SDK key"] = gone["apiKey"]
    server.ok("DELETE", "/projects/default/environments/gone")
    token = server.ok("POST", "/tokens", json={"name": "one", "role": "writer"})
    known["token"] = token["token"]
    known["reset token"] = server.ok("POST", f"/tokens/{token['_id']}/reset")["token"]
    stolen = [{"op": "copy", "from": "/apiKey", "path": "/name"}]
    assert server.call("PATCH", ENVIRONMENT, json=stolen).status_code == 400
    told = [{"op": "test", "path": "/apiKey", "value": known["SDK key"]}, *stolen]
    assert server.call("PATCH", ENVIRONMENT, json=told).status_code >= 400
    server.ok("PATCH", ENVIRONMENT, json=[told[0], {"op": "replace", "path": "/name", "value": "Renamed"}])
    assert server.call("GET", "/projects", token=WRONG_TOKEN).status_code == 401
    assert server.call("GET", "/projects", token=known["SDK key"]).status_code == 401
    return known


def sign_in(server: Server) -> dict[str, str]:
    link = new_link(Settings(data_dir=server.data_dir, database_url=server.database_url), "owner@example.com").token
    browser = Browser(server)
    assert browser.use_link(link, PASSWORD).status_code == 201
    assert browser.call("PATCH", "/api/v2/projects/default", json=[]).status_code == 200
    wrong = {"email": "owner@example.com", "password": WRONG_PASSWORD}
    assert requests.post(f"{server.url}/internal/session", json=wrong, timeout=30).status_code == 401
    assert requests.post(f"{server.url}/internal/session", data=json.dumps(wrong) + "}", timeout=30).status_code == 400
    return {"link": link, "password": PASSWORD, "session": browser.cookie(), "csrf token": browser.csrf}


def tell_others(server: Server, log: Path) -> dict[str, str]:
    """A webhook whose receiver is never there: its deliveries are tried, fail, and wait."""
    hook = {"url": "https://diary.invalid/hook", "sign": True, "on": True, "name": "Diary"}
    given = server.ok("POST", "/webhooks", json={**hook, "secret": "only-the-diary-knows-this"})
    made = server.ok("POST", "/webhooks", json={**hook, "url": "https://diary.invalid/other"})
    anew = [{"op": "replace", "path": "/secret", "value": "the-diary-has-changed-its-mind"}]
    server.ok("PATCH", f"/webhooks/{given['_id']}", json=anew)
    deadline = time.monotonic() + 20
    while b"failed job queue=webhooks" not in log.read_bytes():
        assert time.monotonic() < deadline, "no delivery was tried"
        time.sleep(0.1)
    return {"webhook's first secret": "only-the-diary-knows-this", "webhook's secret": anew[0]["value"]} | {
        "made secret": made["secret"]
    }


def serve(server: Server) -> None:
    environment = server.ok("GET", ENVIRONMENT)
    sdk, mobile = environment["apiKey"], environment["mobileKey"]
    user = base64.urlsafe_b64encode(b'{"kind":"user","key":"ada"}').decode()
    for path, key in (("/sdk/latest-all", sdk), (f"/msdk/evalx/contexts/{user}", mobile)):
        assert requests.get(server.url + path, headers={"Authorization": key}, timeout=30).status_code == 200
        assert requests.get(server.url + path, headers={"Authorization": key + "x"}, timeout=30).status_code == 401
    with requests.get(f"{server.url}/all", headers={"Authorization": sdk}, stream=True, timeout=30) as stream:
        assert next(stream.iter_lines()) == b"event: put"
    context = {"kind": "user", "key": "ada"}
    event = {"kind": "custom", "key": "bought", "creationDate": int(time.time() * 1000), "context": context}
    for path, key in (("/bulk", sdk), ("/mobile", mobile)):
        headers = {"Authorization": key, "Content-Type": "application/json", "X-LaunchDarkly-Event-Schema": "4"}
        body = gzip.compress(json.dumps([event]).encode())
        zipped = {**headers, "Content-Encoding": "gzip"}
        assert requests.post(server.url + path, data=body, headers=zipped, timeout=30).status_code == 202
        assert requests.post(server.url + path, data=b"[{", headers=headers, timeout=30).status_code < 500


def test_neither_files_nor_database_nor_log_tell_a_secret(used: tuple[Server, Path, dict[str, str]]) -> None:
    server, log, known = used
    kept = {str(file): file.read_bytes() for file in server.data_dir.rglob("*") if file.is_file()}
    assert any(name.endswith("ids.db") for name in kept)
    if server.database_url:
        kept["the dump"] = dump(server.database_url)
        assert b"proj/default:env/copied" in kept["the dump"], "the dump holds what was made"
    else:
        assert any(b"proj/default:env/copied" in content for content in kept.values())
    kept["the log"] = log.read_bytes()
    assert b"refused method=GET path=/api/v2/projects" in kept["the log"], "the log tells what went on"
    for what, secret in known.items():
        forms = {secret, quote(secret), base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]}
        told = [name for name, content in kept.items() if any(form.encode() in content for form in forms)]
        assert not told, f"the {what} can be read in {told}"


def dump(url: str) -> bytes:
    """Every row of every table, as text."""
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [connection.execute(SQL("SELECT t::text FROM {} t").format(Identifier(*table))) for table in tables]
        return "\n".join([text for found in rows for (text,) in found]).encode()
