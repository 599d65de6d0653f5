"""What every answer tells browsers not to do with it."""

import re

from flaghoist.base.http import Answer, Request, Response, Stream

POLICY = "content-security-policy"
_AS_IT_SAYS = (("x-content-type-options", "nosniff"),)
# People open what these places answer; pages bring a policy of their own.
_PLACES = ("/api/", "/internal/")
_NEVER_RUN_OR_FRAMED = ((POLICY, "default-src 'none'; frame-ancestors 'none'"), *_AS_IT_SAYS)
# Thirty days: whoever gives TLS up again is not locked out for long.
_STAY_WITH_TLS = (("strict-transport-security", "max-age=2592000"),)
_NO_NAME = re.compile(r"(localhost|[\d.]+|\[.*\])(:\d+)?")


def safe(answer: Answer, request: Request) -> Answer:
    """The same answer with these headers."""
    headers = answer.headers
    if POLICY not in dict(headers):
        headers = (*headers, *(_NEVER_RUN_OR_FRAMED if request.path.startswith(_PLACES) else _AS_IT_SAYS))
    if request.scheme == "https" and not _NO_NAME.fullmatch(request.headers.get("host", "localhost")):
        headers = (*headers, *_STAY_WITH_TLS)
    if isinstance(answer, Stream):
        return Stream(answer.chunks, headers, answer.status, answer.taker)
    return Response(answer.status, answer.body, headers)
