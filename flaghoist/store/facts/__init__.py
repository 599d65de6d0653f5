"""Facts: who saw what and who did what, kept in a lake of Parquet files and summed up exactly.

Who calls what, all synchronous and safe from any thread:

| to                        | call                                                               | where       |
|---------------------------|--------------------------------------------------------------------|-------------|
| open the lake             | ``Lake(folder or place, database)``                                | lake        |
| open the facts            | ``Facts(lake, database, spill=folder, threads=2)``                 | facts       |
| … asked of other engines  | ``Facts(…, engine=engine_at(analysis_url))``                       | engines     |
| ask for one metric        | ``facts.answer(Question) -> Answer``                               | facts       |
| ask for several           | ``facts.answers([Question, …]) -> [Answer, …]``                    | facts       |
| see it over time          | ``facts.series(Question, through=[ms, …]) -> [(Arm, …), …]``       | facts       |
| count exposed units       | ``facts.traffic(Iteration) -> Traffic``                            | facts       |
| … over time               | ``facts.units_in_time(Iteration, bounds=[ms, …])``                 | facts       |
| see the newest events     | ``facts.latest_events(environment_id, kind, key, since=ms)``       | facts       |
| count events over time    | ``facts.event_counts(environment_id, kind, key, bounds=[ms, …])``  | facts       |
| see what goes on          | ``activity.flags(connection, environment_id)``, ``flag``, ``events``, | activity |
|                           | ``event``, ``evaluations``, ``kinds``, ``dropped``, ``sdks``       |             |

``Question(iteration=Iteration(…), measure=Measure(…))`` is in ``question``; it may also ask for slices, for a
covariate from before the exposure, for a ratio of two metrics, or for a step of a funnel.
``Answer`` holds ``arms`` with the ``Moments``, ``Proportion``, ``Quantile``, ``RatioMoments`` and
``CovariateMoments`` of ``flaghoist.statistics``, and says in ``traffic`` and ``left_out`` what it rests on. Facts
become visible when the compactor (``flaghoist.ingest.compact``) has moved them on: within about a second, or at once
after its ``flush()``.
"""
