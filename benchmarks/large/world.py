"""A large project in a data folder: 200 environments, and 5,000 flags that have ten rules each in one of them."""

import copy
import uuid
from pathlib import Path
from typing import Any

import requests

from flaghoist.store import changes
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.documents import Document, Documents

PROJECT = "large"
BUSY = "production"
MODEL = "flag-0000"
OPERATORS = (("country", "in"), ("version", "semVerGreaterThan"))


def begin(url: str, token: str, environments: int) -> None:
    """The project with its environments and one flag with its ten rules, made through the API."""
    with requests.Session() as session:
        session.headers["Authorization"] = token

        def ask(method: str, path: str, body: Any) -> Any:
            answer = session.request(method, f"{url}/api/v2{path}", json=body)
            assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
            return answer.json()

        wanted = [{"key": BUSY, "name": "Production", "color": "417505"}]
        ask("POST", "/projects", {"key": PROJECT, "name": "Large", "environments": wanted})
        for number in range(1, environments):
            body = {"key": f"stage-{number:03}", "name": f"Stage {number}", "color": "417505"}
            ask("POST", f"/projects/{PROJECT}/environments", body)
        reach = {"usingEnvironmentId": True, "usingMobileKey": True}
        made = ask("POST", f"/flags/{PROJECT}", {"key": MODEL, "name": MODEL, "clientSideAvailability": reach})
        instructions = [{"kind": "turnFlagOn"}, *(_rule(number, made) for number in range(10))]
        session.headers["Content-Type"] = "application/json; domain-model=launchdarkly.semanticpatch"
        ask("PATCH", f"/flags/{PROJECT}/{MODEL}", {"environmentKey": BUSY, "instructions": instructions})


def _rule(number: int, flag: dict[str, Any]) -> dict[str, Any]:
    wanted = ([f"C{number}", f"D{number}"], [f"{number}.4.0"])
    clauses = [
        {"contextKind": "user", "attribute": attribute, "op": operator, "values": values}
        for (attribute, operator), values in zip(OPERATORS, wanted, strict=True)
    ]
    return {"kind": "addRule", "clauses": clauses, "variationId": flag["variations"][number % 2]["_id"]}


def multiply(folder: Path, flags: int) -> None:
    """The flag again and again under other keys, written into the store of a server that is not running."""
    database, documents = Database(sqlite_url(folder)), Documents()
    address = f"proj/{PROJECT}:env/*:flag/{MODEL}"
    with database.read() as connection:
        model = documents.read(connection, address)
        assert model is not None
        targeting = documents.facets(connection, [address], [BUSY])[address][BUSY]

    def write(connection: Any) -> None:
        seq = changes.last_seq(connection)
        for number in range(1, flags):
            key = f"flag-{number:04}"
            renamed = f"proj/{PROJECT}:env/*:flag/{key}"
            body, part = copy.deepcopy((model.body, targeting.body))
            body["key"] = body["name"] = key
            part["salt"] = uuid.uuid4().hex
            for rule in part["rules"]:
                rule["_id"] = str(uuid.uuid4())
            document = Document(
                renamed,
                "flag",
                model.parent,
                model.version,
                model.body_version,
                model.created_at,
                model.updated_at,
                body,
            )
            documents.put(connection, document, seq)
            documents.put_facet(connection, renamed, BUSY, type(targeting)(targeting.version, model.updated_at, part))

    database.write(write)
    database.close()
