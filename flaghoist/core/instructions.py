"""Semantic patches: each instruction is one verb, a function that edits what it is given and knows nothing else."""

import copy
import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_type_hints

import msgspec

from flaghoist.base.errors import Invalid


class Instructions:
    """The verbs of one family, by their kind.

    A function's name gives the kind (``turn_flag_on`` → ``turnFlagOn``), its keyword parameters what the instruction
    carries (``variation_id`` → ``variationId``); a parameter with a default may be left out. Registered functions
    are called with the thing being edited first: what ``opened(body, environment key)`` gives, a copy of the body
    unless the family says otherwise; ``closed`` turns it back into a body, or into nothing if a verb deleted it.
    """

    def __init__(
        self,
        noun: str,
        *,
        opened: Callable[[dict[str, Any], str], Any] | None = None,
        closed: Callable[[Any], dict[str, Any] | None] | None = None,
    ) -> None:
        self.noun = noun
        self._opened = opened or (lambda body, _environment: copy.deepcopy(body))
        self._closed = closed or (lambda edited: edited)
        self._verbs: dict[str, tuple[Callable[..., None], type[msgspec.Struct]]] = {}

    def __call__(self, function: Callable[..., None]) -> Callable[..., None]:
        """Register a verb (used as a decorator)."""
        self._verbs[_camel(function.__name__)] = (function, _parameters(function))
        return function

    def alias(self, kind: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Register a verb under a kind of another name as well."""

        def register(function: Callable[..., None]) -> Callable[..., None]:
            self._verbs[kind] = (function, _parameters(function))
            return function

        return register

    @property
    def kinds(self) -> list[str]:
        """Every kind there is, sorted."""
        return sorted(self._verbs)

    def edit(
        self, body: dict[str, Any], instructions: Sequence[Any], environment_key: str = ""
    ) -> dict[str, Any] | None:
        """The body after all instructions, or nothing if one of them deletes; the one given is left alone."""
        edited = self._opened(body, environment_key)
        self.run(edited, instructions)
        return self._closed(edited)

    def run(self, edited: Any, instructions: Sequence[Any]) -> None:
        """Apply instructions in order; the first that cannot be applied raises ``Invalid`` saying which and why."""
        for index, instruction in enumerate(instructions):
            verb, arguments = self._read(index, instruction)
            try:
                verb(edited, **arguments)
            except Invalid as refusal:
                refusal.message = f"instructions[{index}] ({instruction['kind']}): {refusal.message}"
                refusal.args = (refusal.message,)
                raise

    def _read(self, index: int, instruction: Any) -> tuple[Callable[..., None], dict[str, Any]]:
        if not isinstance(instruction, Mapping) or not isinstance(instruction.get("kind"), str):
            raise Invalid(f"instructions[{index}] must be an object with a 'kind'")
        kind = instruction["kind"]
        if kind not in self._verbs:
            near = difflib.get_close_matches(kind, self._verbs, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; possible: {', '.join(self.kinds)}"
            raise Invalid(f"instructions[{index}]: unknown instruction '{kind}' for {self.noun}{hint}")
        verb, parameters = self._verbs[kind]
        try:
            read = msgspec.convert(_decapitalised(instruction), parameters)
        except msgspec.ValidationError as error:
            raise Invalid(f"instructions[{index}] ({kind}): {error}") from None
        given = {name: getattr(read, name) for name in parameters.__struct_fields__}
        return verb, {name: value for name, value in given.items() if value is not msgspec.UNSET}


def _parameters(function: Callable[..., None]) -> type[msgspec.Struct]:
    hints = get_type_hints(function)
    fields: list[Any] = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.default is inspect.Parameter.empty:
            fields.append((parameter.name, hints[parameter.name]))
        else:
            fields.append((parameter.name, hints[parameter.name] | msgspec.UnsetType, msgspec.UNSET))
    return msgspec.defstruct(function.__name__, fields, rename="camel", kw_only=True)


def _decapitalised(instruction: Mapping[str, Any]) -> dict[str, Any]:
    """Members may begin with a capital: LaunchDarkly's own examples write ``OnVariationValue``."""
    return {name[:1].lower() + name[1:]: value for name, value in instruction.items()}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)
