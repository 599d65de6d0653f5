"""A browser for tests: keeps its cookie, sends what browsers send, and reads the token that its page would read."""

from typing import Any

import requests
from servers import Server


class Browser:
    """One person's browser at one network address."""

    def __init__(self, server: Server, *, address: str = "127.0.0.1", agent: str = "Testfox/1.0") -> None:
        self.url = server.url
        self.csrf = ""
        self.session = requests.Session()
        self.session.headers.update({"origin": server.url, "sec-fetch-site": "same-origin", "user-agent": agent})
        self.session.headers["x-forwarded-for"] = address

    def call(self, method: str, path: str, *, headers: dict[str, Any] | None = None, **more: Any) -> requests.Response:
        """A request of the page's own; a header given as None is left out."""
        sent = {"x-csrf-token": self.csrf} if method != "GET" and self.csrf else {}
        return self.session.request(method, self.url + path, headers={**sent, **(headers or {})}, timeout=30, **more)

    def sign_in(self, email: str, password: str) -> requests.Response:
        """Sign in with e-mail and password, as the page does."""
        return self._entered(self.call("POST", "/internal/session", json={"email": email, "password": password}))

    def use_link(self, token: str, password: str, **more: Any) -> requests.Response:
        """Set a password with a one-time link."""
        body = {"token": token, "password": password, **more}
        return self._entered(self.call("POST", "/internal/session/link", json=body))

    def seen(self) -> dict[str, Any]:
        """What the page is told of who is signed in."""
        answer = self.call("GET", "/internal/session")
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert isinstance(told, dict)
        return told

    def cookie(self) -> str:
        """The session's secret."""
        (value,) = [cookie.value for cookie in self.session.cookies]
        return str(value)

    def _entered(self, answer: requests.Response) -> requests.Response:
        if answer.status_code == 201:
            self.csrf = answer.json()["csrfToken"]
        return answer
