"""Log lines: an event with fields, for people or for programs, and never a key."""

import logging
import re
import sys
import threading
from types import TracebackType
from typing import Any

from flaghoist.base import clock, json
from flaghoist.base.settings import Settings
from flaghoist.base.tracing import trace_id

log = logging.getLogger("flaghoist")
_KEY = re.compile(r"\b(sdk|mob|api)-[0-9a-fA-F]{8}-[0-9a-fA-F-]{4,27}")
_BEARER = re.compile(r"(?i)\b(authorization['\"]?\s*[:=]\s*['\"]?(?:bearer |basic )?)[^\s,'\"]+")
_CONVERSION = re.compile(r"(?:(?P<name>\w+)=)?%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z%]")
Logged = type[BaseException]


def log_as(settings: Settings, *, worker: int | None = None) -> None:
    """Log to standard error in the form that is set: ours, uvicorn's, alembic's and Python's own warnings alike.

    What ends a thread or the process unforeseen is logged too. ``worker`` is told in each line.
    """
    lines = _Objects(worker) if settings.log_format == "json" else _Lines(worker)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(lines)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    logging.captureWarnings(True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for talkative in ("opentelemetry", "urllib3"):  # a collector that is away would be told of in pages
        logging.getLogger(talkative).setLevel(logging.ERROR)
    sys.excepthook = _ended
    threading.excepthook = _thread_ended


class _Lines(logging.Formatter):
    """``2026-11-23 08:36:00,123 INFO flaghoist.rest refused method=GET …`` and, beneath, what was raised."""

    def __init__(self, worker: int | None) -> None:
        who = "" if worker is None else f"worker={worker} "
        super().__init__(f"%(asctime)s %(levelname)s {who}%(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))


class _Objects(logging.Formatter):
    """One JSON object a line; the fields of the message are its members too, under ``fields``."""

    def __init__(self, worker: int | None) -> None:
        super().__init__()
        self._worker: dict[str, Any] = {} if worker is None else {"worker": worker}

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": clock.rfc3339(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            **self._worker,
            "message": record.getMessage(),
        }
        if fields := fields_of(record):
            told["fields"] = fields
        if trace := trace_id():
            told["trace_id"] = trace
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return without_keys(json.encode(told).decode())


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a message names as ``name=%s``, with numbers and booleans as they are and all else as text."""
    if not isinstance(record.args, tuple):
        return {}
    conversions = [found for found in _CONVERSION.finditer(str(record.msg)) if not found.group().endswith("%")]
    pairs = zip(conversions, record.args, strict=False)
    return {found["name"]: _plain(value) for found, value in pairs if found["name"]}


def without_keys(text: str) -> str:
    """The same text with every SDK key, mobile key and access token in it made unusable."""
    return _BEARER.sub(r"\1(hidden)", _KEY.sub(r"\1-(hidden)", text))


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | float) or value is None else str(value)


def _ended(kind: Logged, error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("ended by a mistake of ours", exc_info=(kind, error, trace))


def _thread_ended(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        trace = (told.exc_type, told.exc_value, told.exc_traceback)
        log.critical("thread ended name=%s", told.thread.name if told.thread else "", exc_info=trace)
