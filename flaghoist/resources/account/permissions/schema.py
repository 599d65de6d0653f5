"""Questions of permission and their answers."""

import msgspec


class Question(msgspec.Struct):
    """May I do this there: ``{"action": "updateOn", "resource": "proj/web:env/production:flag/checkout"}``."""

    action: str
    resource: str


class Questions(msgspec.Struct):
    """All that a page wants to know at once."""

    questions: list[Question]


class AnswerRep(msgspec.Struct):
    """Yes or no, and why: which statement of which role decided, or that none did."""

    allowed: bool
    reason: str


class AnswersRep(msgspec.Struct):
    """The answers in the order of the questions."""

    answers: list[AnswerRep]
