"""Refusals, by name: each class carries the status and code that the API answers with."""

from typing import Any


class Refusal(Exception):
    """A request that will not be done; the message says what, where, and what to do."""

    status = 500
    code = "internal_error"
    headers: tuple[tuple[str, str], ...] = ()

    def __init__(self, message: str, *, code: str | None = None, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.fields = fields

    def body(self) -> dict[str, Any]:
        """The API's error shape: ``{code, message, …}``."""
        return {"code": self.code, "message": self.message, **self.fields}


class Invalid(Refusal):
    """The request is malformed or breaks a rule of the product."""

    status = 400
    code = "invalid_request"


class Unauthorized(Refusal):
    """Nobody known is asking."""

    status = 401
    code = "unauthorized"


class Forbidden(Refusal):
    """Somebody known is asking for what their roles do not allow."""

    status = 403
    code = "forbidden"


class NotFound(Refusal):
    """The address names nothing."""

    status = 404
    code = "not_found"

    def __init__(self, message: str = "Invalid resource identifier", **fields: Any) -> None:
        super().__init__(message, **fields)


class MethodNotAllowed(Refusal):
    """The path exists, the method does not; or an approval is required first."""

    status = 405
    code = "method_not_allowed"


class NotAcceptable(Refusal):
    """A header asks for something this endpoint cannot serve."""

    status = 406
    code = "not_acceptable"


class TooSlow(Refusal):
    """The request did not come in a time in which even a slow line would have brought it."""

    status = 408
    code = "request_timeout"
    headers = (("connection", "close"),)


class Conflict(Refusal):
    """The resource is not in the state that the request assumes."""

    status = 409
    code = "conflict"


class TooLarge(Refusal):
    """The body is larger than this endpoint takes."""

    status = 413
    code = "request_entity_too_large"


class PatchFailed(Refusal):
    """A patch that is well formed but cannot be applied."""

    status = 422
    code = "patch_failed"


class RateLimited(Refusal):
    """Too many requests; ``X-Ratelimit-Reset`` says when to come back."""

    status = 429
    code = "rate_limited"


class HeadTooLarge(Refusal):
    """The address and the headers are larger than anything the API knows."""

    status = 431
    code = "request_header_fields_too_large"


class Unavailable(Refusal):
    """A passing fault of the server: try again. The only answer for anything transient."""

    status = 503
    code = "service_unavailable"
