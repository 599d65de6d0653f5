"""Instructions about the whole of an environment: on and off, the fallthrough, the off variation, what is tracked."""

from flaghoist.resources.flagging.flags.instructions.draft import VERBS, Draft


@VERBS
def turn_flag_on(draft: Draft) -> None:
    draft.config["on"] = True


@VERBS
def turn_flag_off(draft: Draft) -> None:
    draft.config["on"] = False


@VERBS
def update_fallthrough_variation_or_rollout(
    draft: Draft,
    *,
    variation_id: str | None = None,
    rollout_weights: dict[str, int] | None = None,
    rollout_bucket_by: str | None = None,
    rollout_context_kind: str | None = None,
) -> None:
    before = draft.config["fallthrough"]
    draft.config["fallthrough"] = draft.serving(
        variation_id, rollout_weights, rollout_bucket_by, rollout_context_kind, before=before
    )


@VERBS
def update_off_variation(draft: Draft, *, variation_id: str) -> None:
    draft.config["offVariation"] = draft.variation(variation_id)


@VERBS
def update_track_events(draft: Draft, *, track_events: bool) -> None:
    draft.config["trackEvents"] = track_events


@VERBS
def update_track_events_fallthrough(draft: Draft, *, track_events: bool) -> None:
    draft.config["trackEventsFallthrough"] = track_events
