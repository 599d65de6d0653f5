"""Settings come from flags and variables, are checked before anything starts, and keep their secrets."""

import pytest

from flaghoist.base.settings import Settings


def test_a_flag_wins_over_a_variable_and_a_variable_over_the_default() -> None:
    environ = {"FLAGHOIST_PORT": "8801", "FLAGHOIST_RATE_LIMIT": "7", "FLAGHOIST_LOG_LEVEL": ""}
    settings = Settings.load({"port": "8802", "rate_limit": None}, environ)
    assert (settings.port, settings.rate_limit, settings.log_level) == (8802, 7, "info")


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("FLAGHOIST_PORT", "http", "FLAGHOIST_PORT must be a whole number, not 'http'"),
        ("FLAGHOIST_PORT", "70000", "between 0 and 65535"),
        ("FLAGHOIST_HEARTBEAT_SECONDS", "0", "between 1 and 3600"),
        ("FLAGHOIST_RATE_LIMIT", "-1", "FLAGHOIST_RATE_LIMIT must be between 0"),
        ("FLAGHOIST_BETA_GATE", "stict", "FLAGHOIST_BETA_GATE must be one of permissive, strict"),
        ("FLAGHOIST_LOG_LEVEL", "loud", "FLAGHOIST_LOG_LEVEL must be one of debug, info"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(variable: str, value: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Settings.load({}, {variable: value})


def test_what_is_printed_tells_no_password() -> None:
    url = "postgresql://flags:hunter2@db/flags"
    shown = Settings.load({"database_url": url, "access_token": "api-secret"}, {}).described()
    assert "hunter2" not in str(shown)
    assert "api-secret" not in str(shown)
    assert (shown["database_url"], shown["access_token"], shown["host"]) == ("(set)", "(set)", "127.0.0.1")
