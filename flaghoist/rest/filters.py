"""The list filters: ``field:value`` pairs, and ``field operator value`` expressions."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from flaghoist.base.errors import Invalid
from flaghoist.base.json import DEPTH_MAX
from flaghoist.core.work import Document, Work

Predicate = Callable[[Document], bool]
FilterField = Callable[[Work, "Condition"], Predicate]
OPERATORS = ("equals", "notEquals", "anyOf", "contains", "exists", "startsWith", "before", "after")


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; in the pair dialect the operator is always ``equals`` and the value text or an object."""

    field: str
    operator: str
    value: Any

    @property
    def texts(self) -> list[str]:
        """The value as a list of texts: pairs join them by ``+`` or ``|``, expressions write an array."""
        if isinstance(self.value, list):
            return [str(item) for item in self.value]
        if self.operator == "equals" and isinstance(self.value, str):
            return [part for part in re.split(r"[+|]", self.value) if part]
        return [str(self.value)]

    @property
    def text(self) -> str:
        """The value as one text."""
        return self.texts[0] if isinstance(self.value, list) and self.value else str(self.value)

    @property
    def truth(self) -> bool:
        """The value as yes or no."""
        if self.value in (True, "true", "1", 1):
            return True
        if self.value in (False, "false", "0", 0):
            return False
        raise Invalid(f"filter: '{self.field}' must be true or false, not '{self.value}'")


def predicate(
    text: str, dialect: Literal["pairs", "expressions"], fields: Mapping[str, FilterField], work: Work
) -> Predicate:
    """What a filter text asks of a document; raises ``Invalid`` saying what cannot be understood."""
    if not text.strip():
        return lambda _document: True
    if dialect == "pairs":
        conditions = [_compile(condition, fields, work) for condition in pairs(text)]
        return lambda document: all(condition(document) for condition in conditions)
    return _Expression(text, fields, work).parse()


def pairs(text: str) -> list[Condition]:
    """``field:value,field:{"after":1}`` split at commas outside braces, each at its first colon."""
    conditions = []
    for term in _split_outside_braces(text):
        name, colon, value = term.partition(":")
        if not colon or not name.strip():
            raise Invalid(f"filter: '{term}' is not of the form field:value")
        conditions.append(Condition(name.strip(), "equals", _pair_value(term, value.strip())))
    return conditions


def _pair_value(term: str, value: str) -> Any:
    if not value.startswith(("{", "[")):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        raise Invalid(f"filter: the value of '{term[:80]}' is not valid JSON") from None


def _split_outside_braces(text: str) -> list[str]:
    terms, depth, start = [], 0, 0
    for at, character in enumerate(text):
        if character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
        elif character == "," and depth == 0:
            terms.append(text[start:at])
            start = at + 1
    terms.append(text[start:])
    return [term.strip() for term in terms if term.strip()]


def _compile(condition: Condition, fields: Mapping[str, FilterField], work: Work) -> Predicate:
    make = fields.get(condition.field)
    if make is None:
        possible = ", ".join(sorted(fields)) or "none"
        raise Invalid(f"filter: unknown field '{condition.field}'; possible: {possible}")
    return make(work, condition)


_TOKEN = re.compile(
    r"""\s*(?:(?P<punctuation>[(),|])
        |(?P<json>\[[^\]]*\])
        |"(?P<double>(?:[^"\\]|\\.)*)"
        |'(?P<single>(?:[^'\\]|\\.)*)'
        |(?P<word>[^\s(),|"'\[\]]+))""",
    re.VERBOSE,
)


class _Expression:
    """``a equals 1,(b contains ["x"] | c exists true)``: commas bind like *and*, bars like *or*."""

    def __init__(self, text: str, fields: Mapping[str, FilterField], work: Work) -> None:
        self.text = text
        self.fields = fields
        self.work = work
        self.tokens = list(self._tokens())
        self.at = 0
        self.depth = 0

    def parse(self) -> Predicate:
        made = self._either()
        if self.at < len(self.tokens):
            raise Invalid(f"filter: '{self.tokens[self.at][1]}' was not expected in '{self.text}'")
        return made

    def _tokens(self) -> list[tuple[str, str]]:
        tokens, at = [], 0
        text = self.text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise Invalid(f"filter: '{text[at : at + 40]}' cannot be read; is a quote or bracket open?")
            assert match.lastgroup is not None
            tokens.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()
        return tokens

    def _either(self) -> Predicate:
        options = [self._every()]
        while self._take("|") or self._take_word("or"):
            options.append(self._every())
        return options[0] if len(options) == 1 else lambda document: any(option(document) for option in options)

    def _every(self) -> Predicate:
        parts = [self._one()]
        while self._take(",") or self._take_word("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda document: all(part(document) for part in parts)

    def _one(self) -> Predicate:
        if self._take("("):
            self.depth += 1
            if self.depth > DEPTH_MAX:
                raise Invalid(f"filter: more than {DEPTH_MAX} parentheses are open at once")
            inside = self._either()
            self.depth -= 1
            if not self._take(")"):
                raise Invalid(f"filter: a parenthesis in '{self.text}' is not closed")
            return inside
        name = self._next("a field")
        operator = self._next("an operator")
        if operator not in OPERATORS:
            raise Invalid(f"filter: unknown operator '{operator}'; possible: {', '.join(OPERATORS)}")
        return _compile(Condition(name, operator, self._value()), self.fields, self.work)

    def _value(self) -> Any:
        if self.at >= len(self.tokens):
            raise Invalid(f"filter: a value is missing at the end of '{self.text}'")
        group, text = self.tokens[self.at]
        self.at += 1
        if group == "punctuation":
            raise Invalid(f"filter: a value is missing before '{text}' in '{self.text}'")
        if group == "json":
            try:
                return msgspec.json.decode(text.replace("'", '"'))
            except msgspec.DecodeError:
                raise Invalid(f"filter: {text} is not a JSON array") from None
        if group == "word":
            return {"true": True, "false": False}.get(text, text)
        return re.sub(r"\\(.)", r"\1", text)

    def _next(self, what: str) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] == "punctuation":
            raise Invalid(f"filter: {what} is missing in '{self.text}'")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _take(self, punctuation: str) -> bool:
        return self._take_token("punctuation", punctuation)

    def _take_word(self, word: str) -> bool:
        return self._take_token("word", word)

    def _take_token(self, group: str, text: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] == (group, text):
            self.at += 1
            return True
        return False


# Fields that many families filter by


def by_query(*names: str) -> FilterField:
    """Case-insensitive search in some members of the body."""

    def make(_work: Work, condition: Condition) -> Predicate:
        values = condition.value if isinstance(condition.value, list) else [condition.value]
        wanted = [_plain(value).lower() for value in values]

        def matches(document: Document) -> bool:
            shown = [str(document.body.get(name, "")).lower() for name in names]
            return any(text in each for text in wanted for each in shown)

        return matches

    return make


def by_tags(_work: Work, condition: Condition) -> Predicate:
    """All the tags listed, whatever their case; with ``anyOf``, one of them."""
    wanted = {text.lower() for text in condition.texts}

    def matches(document: Document) -> bool:
        has = {tag.lower() for tag in document.body.get("tags", ())}
        return bool(wanted & has) if condition.operator == "anyOf" else wanted <= has

    return matches


def by_member(name: str, default: Any = None) -> FilterField:
    """A member of the body equal to the value, to one of the values, or different from it."""

    def make(_work: Work, condition: Condition) -> Predicate:
        value = condition.value
        wanted = {_plain(item) for item in value} if isinstance(value, list) else {_plain(value)}
        negated = condition.operator == "notEquals"

        def matches(document: Document) -> bool:
            return (_plain(document.body.get(name, default)) in wanted) is not negated

        return matches

    return make


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
