"""Instructions about the life of a flag, from deprecation to deletion."""

from flaghoist.resources.flagging.flags.instructions.draft import VERBS, Draft


@VERBS
def archive_flag(draft: Draft) -> None:
    draft.flag["archived"] = True


@VERBS
def restore_flag(draft: Draft) -> None:
    draft.flag["archived"] = False


@VERBS
def deprecate_flag(draft: Draft) -> None:
    draft.flag["deprecated"] = True


@VERBS
def restore_deprecated_flag(draft: Draft) -> None:
    draft.flag["deprecated"] = False


@VERBS
def delete_flag(draft: Draft) -> None:
    draft.is_deleted = True
