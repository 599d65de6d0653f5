"""What every answer tells browsers not to do with it."""

import re

from flaghoist.base.http import Answer, Request, Response, Stream

POLICY = "content-security-policy"
# For all but pages, which bring a policy of their own: what is answered is to be read, never to be run or framed.
_UNLESS_A_PAGE = (
    (POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
)
# Thirty days: whoever gives TLS up again is not locked out for long.
_STAY_WITH_TLS = (("strict-transport-security", "max-age=2592000"),)
_NO_NAME = re.compile(r"(localhost|[\d.]+|\[.*\])(:\d+)?")


def safe(answer: Answer, request: Request) -> Answer:
    """The same answer with these headers."""
    headers = answer.headers
    if POLICY not in dict(headers):
        headers = (*headers, *_UNLESS_A_PAGE)
    if request.scheme == "https" and not _NO_NAME.fullmatch(request.headers.get("host", "localhost")):
        headers = (*headers, *_STAY_WITH_TLS)
    if isinstance(answer, Stream):
        return Stream(answer.chunks, headers, answer.status, answer.taker)
    return Response(answer.status, answer.body, headers)
