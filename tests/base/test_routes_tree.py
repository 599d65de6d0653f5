"""Paths lead to what serves them: literal names first, slashes forgiven, escapes undone."""

from flaghoist.base.routes import Routes


def table() -> Routes[str]:
    routes: Routes[str] = Routes()
    routes.add("GET", "/flags/{projectKey}/{featureFlagKey}", "flag")
    routes.add("POST", "/flags/{projectKey}/{featureFlagKey}/copy", "copy")
    routes.add("GET", "/flags/{projectKey}/{environmentKey}/{featureFlagKey}/dependent-flags", "by environment")
    routes.add("GET", "/flags/{projectKey}/{featureFlagKey}/dependent-flags", "everywhere")
    routes.add("GET", "/holdouts/id/{id}", "by id")
    routes.add("GET", "/holdouts/{key}", "by key")
    routes.add("GET", "/ai/{configKey}", "config")
    routes.add("POST", "/ai/models", "models")
    return routes


def find(path: str, method: str = "GET") -> tuple[str, dict[str, str]] | None:
    match = table().find(path, method)
    return match and match.target(method)


def test_literal_names_win_over_parameters() -> None:
    assert find("/holdouts/id/7") == ("by id", {"id": "7"})
    assert find("/holdouts/id") == ("by key", {"key": "id"})
    assert find("/flags/p/f/dependent-flags") == ("everywhere", {"projectKey": "p", "featureFlagKey": "f"})
    assert find("/flags/p/e/f/dependent-flags") == (
        "by environment",
        {"projectKey": "p", "environmentKey": "e", "featureFlagKey": "f"},
    )


def test_a_literal_that_lacks_the_method_gives_way() -> None:
    assert find("/ai/models") == ("config", {"configKey": "models"})


def test_slashes_and_escapes() -> None:
    assert find("//flags/p//f/") == ("flag", {"projectKey": "p", "featureFlagKey": "f"})
    assert find("/flags/p/a%2Fb%20c") == ("flag", {"projectKey": "p", "featureFlagKey": "a/b c"})


def test_a_wrong_method_still_tells_what_is_possible() -> None:
    match = table().find("/flags/p/f", "DELETE")
    assert match is not None
    assert match.target("DELETE") is None
    assert set(match.targets) == {"GET"}
    assert table().find("/nothing/here", "GET") is None
