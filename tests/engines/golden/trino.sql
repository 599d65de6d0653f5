-- ===== percentile of filtered sums, by plan =====

-- lake_exposures_4_days stands for
SELECT flag, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, variation, version, treatment, rule, iteration, weight, attributes FROM hive.lake.exposures WHERE env IN ('5eaf00d5eaf00d5eaf00d5ea') AND day IN ('2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29') AND "$path" IN ('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-26/exposures.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-27/exposures.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-28/exposures.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-29/exposures.parquet');

-- lake_exposures_1_days stands for
SELECT flag, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, variation, version, treatment, rule, iteration, weight, attributes FROM hive.lake.exposures WHERE env IN ('5eaf00d5eaf00d5eaf00d5ea') AND day IN ('2026-11-25') AND "$path" IN ('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/exposures.parquet');

-- ask
--   flag = 'checkout'
SELECT
  COALESCE(BOOL_OR(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_exposures_4_days AS whole_days
  WHERE
    flag = 'checkout'
  UNION ALL
  SELECT
    *
  FROM lake_exposures_1_days AS cut_days
  WHERE
    position >= 913398615244800000 AND flag = 'checkout'
) AS shown;

-- ask
--   counted_kind = 'user'
--   flag = 'checkout'
SELECT
  COUNT(*),
  COALESCE(BOOL_OR(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        (
          BITWISE_RIGHT_SHIFT(position, 22)
        ) + 1577836800000
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_4_days AS whole_days
      WHERE
        flag = 'checkout'
      UNION ALL
      SELECT
        *
      FROM lake_exposures_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND flag = 'checkout'
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000
) AS events
WHERE
  unit_kind = 'user';

-- ask
--   counted_kind = 'user'
--   flag = 'checkout'
SELECT
  kinds,
  COUNT(*)
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        (
          BITWISE_RIGHT_SHIFT(position, 22)
        ) + 1577836800000
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_4_days AS whole_days
      WHERE
        flag = 'checkout'
      UNION ALL
      SELECT
        *
      FROM lake_exposures_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND flag = 'checkout'
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000
) AS events
WHERE
  unit_kind <> 'user' AND unit_kind = SPLIT_PART(kinds, ',', 1)
GROUP BY
  kinds;

-- keep flaghoist_q_shown
--   at_2 = '$["plan"]'
--   flag = 'checkout'
--   unit_kind = 'user'
SELECT
  unit,
  CAST(variation AS INTEGER) AS variation,
  weight,
  coalesce(json_extract_scalar(TRY(json_parse(attributes)), '$["plan"]'),
              nullif(json_format(json_extract(TRY(json_parse(attributes)), '$["plan"]')), 'null')) AS slice,
  CAST(ROW(moment, position, coalesce(variation, 0))
              AS ROW(moment BIGINT, position BIGINT, variation INTEGER)) AS place
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        (
          BITWISE_RIGHT_SHIFT(position, 22)
        ) + 1577836800000
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_4_days AS whole_days
      WHERE
        flag = 'checkout'
      UNION ALL
      SELECT
        *
      FROM lake_exposures_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND flag = 'checkout'
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000
) AS within_time
WHERE
  unit_kind = 'user';

-- keep flaghoist_q_assigned
WITH firsts AS (
  SELECT
    unit,
    MIN(place) AS place,
    MIN(variation) <> MAX(variation) AS contaminated
  FROM flaghoist_q_shown AS shown
  WHERE
    NOT variation IS NULL
  GROUP BY
    unit
), seconds AS (
  SELECT
    shown.unit AS unit,
    (MIN(shown.place)).moment AS moment
  FROM flaghoist_q_shown AS shown
  JOIN firsts
    ON shown.unit = firsts.unit
  WHERE
    firsts.contaminated AND shown.variation <> (firsts.place).variation
  GROUP BY
    shown.unit
), slices AS (
  SELECT
    unit,
    MIN_BY(slice, place) AS slice
  FROM flaghoist_q_shown AS shown
  WHERE
    NOT slice IS NULL AND NOT variation IS NULL
  GROUP BY
    unit
), placed AS (
  SELECT
    unit,
    (place).variation AS variation,
    (place).moment AS moment,
    (place).position AS position
  FROM firsts
)
SELECT
  placed.unit AS unit,
  slices.slice AS slice,
  placed.variation AS variation,
  placed.moment AS moment,
  placed.position AS position,
  (
    CASE
      WHEN (
        BITWISE_AND(placed.position, 2097152)
      ) <> 0
      THEN BITWISE_OR(
        (
          BITWISE_LEFT_SHIFT((
            BITWISE_RIGHT_SHIFT(placed.position, 22)
          ), 22)
        ),
        2097152
      )
      ELSE BITWISE_LEFT_SHIFT((
        BITWISE_RIGHT_SHIFT(placed.position, 14)
      ), 14)
    END
  ) AS payload_start,
  seconds.moment AS contaminated_at
FROM placed
LEFT JOIN seconds
  ON placed.unit = seconds.unit
LEFT JOIN slices
  ON placed.unit = slices.unit;

-- ask
SELECT
  variation,
  COUNT(*),
  COUNT(contaminated_at)
FROM flaghoist_q_assigned AS assigned
GROUP BY
  variation
ORDER BY
  variation;

-- ask
SELECT
  CAST(COALESCE(SUM(weight) FILTER(WHERE
    NOT variation IS NULL), 0) AS BIGINT),
  COUNT(*) FILTER(WHERE
    variation IS NULL),
  (MIN(place)).moment,
  (MAX(place)).moment
FROM flaghoist_q_shown AS shown;

-- lake_outcomes_4_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM hive.lake.outcomes WHERE env IN ('5eaf00d5eaf00d5eaf00d5ea') AND day IN ('2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29') AND "$path" IN ('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-26/outcomes.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-27/outcomes.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-28/outcomes.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-29/outcomes.parquet');

-- lake_outcomes_1_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM hive.lake.outcomes WHERE env IN ('5eaf00d5eaf00d5eaf00d5ea') AND day IN ('2026-11-25') AND "$path" IN ('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/outcomes.parquet');

-- ask
--   counted_kind = 'user'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
SELECT
  COUNT(*),
  COALESCE(BOOL_OR(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_outcomes_4_days AS whole_days
  WHERE
    kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_1_days AS cut_days
  WHERE
    position >= 913398615244800000
    AND kind = 'custom'
    AND key = 'bought "it''s"	\ 100 %'
) AS events
WHERE
  unit_kind = 'user';

-- ask
--   counted_kind = 'user'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
SELECT
  kinds,
  COUNT(*)
FROM (
  SELECT
    *
  FROM lake_outcomes_4_days AS whole_days
  WHERE
    kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_1_days AS cut_days
  WHERE
    position >= 913398615244800000
    AND kind = 'custom'
    AND key = 'bought "it''s"	\ 100 %'
) AS events
WHERE
  unit_kind <> 'user' AND unit_kind = SPLIT_PART(kinds, ',', 1)
GROUP BY
  kinds;

-- ask
--   at_3 = '$["co\'lour"]'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
--   unit_kind = 'user'
SELECT DISTINCT
  json_format(json_extract(TRY(json_parse(properties)), '$["co''lour"]')) AS value
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM lake_outcomes_4_days AS whole_days
    WHERE
      kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
    UNION ALL
    SELECT
      *
    FROM lake_outcomes_1_days AS cut_days
    WHERE
      position >= 913398615244800000
      AND kind = 'custom'
      AND key = 'bought "it''s"	\ 100 %'
  ) AS events
  WHERE
    unit_kind = 'user'
) AS of_kind;

-- fill flaghoist_q_leaf_0 (value VARCHAR)

-- ask
--   at_3 = '$["user"]["address"]["city"]'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
--   unit_kind = 'user'
SELECT DISTINCT
  json_format(json_extract(TRY(json_parse(context)), '$["user"]["address"]["city"]')) AS value
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM lake_outcomes_4_days AS whole_days
    WHERE
      kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
    UNION ALL
    SELECT
      *
    FROM lake_outcomes_1_days AS cut_days
    WHERE
      position >= 913398615244800000
      AND kind = 'custom'
      AND key = 'bought "it''s"	\ 100 %'
  ) AS events
  WHERE
    unit_kind = 'user'
) AS of_kind;

-- fill flaghoist_q_leaf_1 (value VARCHAR)

-- ask
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
--   unit_kind = 'user'
SELECT DISTINCT
  unit_key AS value
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM lake_outcomes_4_days AS whole_days
    WHERE
      kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
    UNION ALL
    SELECT
      *
    FROM lake_outcomes_1_days AS cut_days
    WHERE
      position >= 913398615244800000
      AND kind = 'custom'
      AND key = 'bought "it''s"	\ 100 %'
  ) AS events
  WHERE
    unit_kind = 'user'
) AS of_kind;

-- fill flaghoist_q_leaf_2 (value VARCHAR)

-- fill flaghoist_q_leaf_3 (value VARCHAR)

-- keep flaghoist_q_judged
--   at_2 = '$["co\'lour"]'
--   at_3 = '$["user"]["address"]["city"]'
--   at_4 = '$["co\'lour"]'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
--   unit_kind = 'user'
SELECT
  timed.unit AS unit,
  timed.value AS value,
  timed.position AS position,
  timed.moment AS moment,
  FALSE AS excluded,
  CAST((
    CASE
      WHEN NOT timed.fits
      THEN 1
      WHEN FALSE AND FALSE
      THEN 2
      WHEN FALSE OR timed.moment < 1795608000000
      THEN 3
      WHEN timed.moment < assigned.moment
      OR (
        timed.moment = assigned.moment
        AND timed.position < assigned.position
        AND timed.position >= assigned.payload_start
      )
      THEN 4
      WHEN timed.moment < assigned.moment + 0
      THEN 5
      WHEN timed.moment > assigned.moment + 7776000000
      THEN 6
      WHEN timed.value IS NULL
      THEN 7
      ELSE 0
    END
  ) AS INTEGER) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      (
        BITWISE_RIGHT_SHIFT(position, 22)
      ) + 1577836800000
    ) AS moment,
    (
      COALESCE(
        json_format(json_extract(TRY(json_parse(properties)), '$["co''lour"]')) IN (
          SELECT
            value
          FROM flaghoist_q_leaf_0 AS leaf_0
        ),
        FALSE
      )
      OR COALESCE(
        json_format(json_extract(TRY(json_parse(context)), '$["user"]["address"]["city"]')) IN (
          SELECT
            value
          FROM flaghoist_q_leaf_1 AS leaf_1
        ),
        FALSE
      )
    )
    AND (
      NOT (
        COALESCE(unit_key IN (
          SELECT
            value
          FROM flaghoist_q_leaf_2 AS leaf_2
        ), FALSE)
        AND COALESCE(
          json_format(json_extract(TRY(json_parse(properties)), '$["co''lour"]')) IN (
            SELECT
              value
            FROM flaghoist_q_leaf_3 AS leaf_3
          ),
          FALSE
        )
      )
    ) AS fits
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *
      FROM lake_outcomes_4_days AS whole_days
      WHERE
        kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_1_days AS cut_days
      WHERE
        position >= 913398615244800000
        AND kind = 'custom'
        AND key = 'bought "it''s"	\ 100 %'
    ) AS events
    WHERE
      unit_kind = 'user'
  ) AS of_kind
) AS timed
JOIN flaghoist_q_assigned AS assigned
  ON timed.unit = assigned.unit;

-- ask
SELECT
  excluded,
  verdict,
  COUNT(*)
FROM flaghoist_q_judged AS judged
GROUP BY
  excluded,
  verdict;

-- ask
SELECT
  MAX(ABS(value)),
  MAX(position)
FROM flaghoist_q_judged AS judged
WHERE
  verdict = 0;

-- keep flaghoist_q_valued
WITH active AS (
  SELECT
    unit,
    COUNT(*) AS happened,
    SUM(CAST(value * CAST(2.4178516392292583e+24 AS DOUBLE) AS DECIMAL(38, 0))) AS total
  FROM flaghoist_q_judged AS judged
  WHERE
    verdict = 0
  GROUP BY
    unit
)
SELECT
  assigned.unit AS unit,
  assigned.variation AS variation,
  assigned.slice AS slice,
  COALESCE(active.happened, 0) AS events,
  CASE
    WHEN active.happened IS NULL
    THEN CAST(NULL AS DOUBLE)
    ELSE (
      CASE
        WHEN active.total < 0
        THEN -(
          CAST(ABS(active.total) AS DOUBLE) * CAST(4.1359030627651384e-25 AS DOUBLE)
        )
        ELSE CAST(ABS(active.total) AS DOUBLE) * CAST(4.1359030627651384e-25 AS DOUBLE)
      END
    )
  END AS y
FROM flaghoist_q_assigned AS assigned
LEFT JOIN active
  ON assigned.unit = active.unit
WHERE
  TRUE;

-- ask
SELECT
  slice
FROM flaghoist_q_valued AS valued
GROUP BY
  slice
ORDER BY
  COUNT(*) DESC,
  slice IS NULL,
  slice;

-- fill flaghoist_q_shown_slices (value VARCHAR)

-- keep flaghoist_q_sliced
SELECT
  valued.*
FROM flaghoist_q_valued AS valued
JOIN flaghoist_q_shown_slices AS shown_slices
  ON valued.slice IS NOT DISTINCT FROM shown_slices.value;

-- ask
SELECT
  slice,
  variation,
  COUNT(*),
  COUNT(*) FILTER(WHERE
    events > 0),
  CAST(SUM(events) AS BIGINT)
FROM flaghoist_q_sliced AS sliced
GROUP BY
  slice,
  variation;

-- ask
SELECT
  MAX(ABS(y))
FROM (
  SELECT
    *
  FROM flaghoist_q_sliced AS sliced
  WHERE
    NOT y IS NULL
) AS valued;

-- ask
SELECT
  slice,
  variation,
  COUNT(*),
  SUM(CAST(y * CAST(2.4178516392292583e+24 AS DOUBLE) AS DECIMAL(38, 0))),
  MIN(y),
  MAX(y)
FROM (
  SELECT
    *
  FROM flaghoist_q_sliced AS sliced
  WHERE
    NOT y IS NULL
) AS valued
GROUP BY
  slice,
  variation;

-- fill flaghoist_q_means (slice VARCHAR, variation INTEGER, mean_0 DOUBLE)

-- ask
SELECT
  valued.slice AS slice,
  valued.variation AS variation,
  SUM(
    CAST(((valued.y - means.mean_0) * (valued.y - means.mean_0)) * CAST(9.44473296573929e+21 AS DOUBLE) AS DECIMAL(38, 0))
  )
FROM (
  SELECT
    *
  FROM flaghoist_q_sliced AS sliced
  WHERE
    NOT y IS NULL
) AS valued
JOIN flaghoist_q_means AS means
  ON valued.slice IS NOT DISTINCT FROM means.slice
  AND valued.variation IS NOT DISTINCT FROM means.variation
GROUP BY
  valued.slice,
  valued.variation;

-- ask
SELECT
  slice,
  variation,
  place,
  y
FROM (
  SELECT
    slice,
    variation,
    y,
    ROW_NUMBER() OVER (PARTITION BY slice, variation ORDER BY y) AS place
  FROM flaghoist_q_sliced AS sliced
  WHERE
    NOT y IS NULL
) AS ranked
WHERE
  place IN (1, 2, 3);

-- ask
SELECT
  variation,
  COUNT(*),
  COUNT(*) FILTER(WHERE
    events > 0),
  CAST(SUM(events) AS BIGINT)
FROM flaghoist_q_valued AS valued
GROUP BY
  variation;

-- ask
SELECT
  MAX(ABS(y))
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT y IS NULL
) AS valued;

-- ask
SELECT
  variation,
  COUNT(*),
  SUM(CAST(y * CAST(2.4178516392292583e+24 AS DOUBLE) AS DECIMAL(38, 0))),
  MIN(y),
  MAX(y)
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT y IS NULL
) AS valued
GROUP BY
  variation;

-- fill flaghoist_q_means (variation INTEGER, mean_0 DOUBLE)

-- ask
SELECT
  valued.variation AS variation,
  SUM(
    CAST(((valued.y - means.mean_0) * (valued.y - means.mean_0)) * CAST(2.3611832414348226e+21 AS DOUBLE) AS DECIMAL(38, 0))
  )
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT y IS NULL
) AS valued
JOIN flaghoist_q_means AS means
  ON valued.variation IS NOT DISTINCT FROM means.variation
GROUP BY
  valued.variation;

-- ask
SELECT
  variation,
  place,
  y
FROM (
  SELECT
    variation,
    y,
    ROW_NUMBER() OVER (PARTITION BY variation ORDER BY y) AS place
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT y IS NULL
) AS ranked
WHERE
  place IN (7, 9, 11, 14, 18);

-- ===== capped sum with a covariate =====

-- keep flaghoist_q_shown
--   flag = 'checkout'
--   unit_kind = 'user'
SELECT
  unit,
  CAST(variation AS INTEGER) AS variation,
  weight,
  CAST(NULL AS VARCHAR) AS slice,
  CAST(ROW(moment, position, coalesce(variation, 0))
              AS ROW(moment BIGINT, position BIGINT, variation INTEGER)) AS place
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        (
          BITWISE_RIGHT_SHIFT(position, 22)
        ) + 1577836800000
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_4_days AS whole_days
      WHERE
        flag = 'checkout'
      UNION ALL
      SELECT
        *
      FROM lake_exposures_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND flag = 'checkout'
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000
) AS within_time
WHERE
  unit_kind = 'user';

-- lake_outcomes_5_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM hive.lake.outcomes WHERE env IN ('5eaf00d5eaf00d5eaf00d5ea') AND day IN ('2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29') AND "$path" IN ('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/outcomes.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-26/outcomes.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-27/outcomes.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-28/outcomes.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-29/outcomes.parquet');

-- lake_outcomes_1_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM hive.lake.outcomes WHERE env IN ('5eaf00d5eaf00d5eaf00d5ea') AND day IN ('2026-11-24') AND "$path" IN ('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-24/outcomes.parquet');

-- keep flaghoist_q_judged_before
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
--   unit_kind = 'user'
SELECT
  timed.unit AS unit,
  timed.value AS value,
  timed.position AS position,
  timed.moment AS moment,
  CAST(0 AS INTEGER) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      (
        BITWISE_RIGHT_SHIFT(position, 22)
      ) + 1577836800000
    ) AS moment,
    TRUE AS fits
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *
      FROM lake_outcomes_5_days AS whole_days
      WHERE
        kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_1_days AS cut_days
      WHERE
        position >= 913036227379200000
        AND kind = 'custom'
        AND key = 'bought "it''s"	\ 100 %'
    ) AS events
    WHERE
      unit_kind = 'user'
  ) AS of_kind
) AS timed
JOIN flaghoist_q_assigned AS assigned
  ON timed.unit = assigned.unit
WHERE
  timed.moment >= assigned.moment - 86400000
  AND (
    timed.moment < assigned.moment
    OR (
      timed.moment = assigned.moment
      AND timed.position < assigned.position
      AND timed.position >= assigned.payload_start
    )
  )
  AND timed.fits
  AND NOT timed.value IS NULL;

-- lake_outcomes_2_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM hive.lake.outcomes WHERE env IN ('5eaf00d5eaf00d5eaf00d5ea') AND day IN ('2026-11-24', '2026-11-25') AND "$path" IN ('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-24/outcomes.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/outcomes.parquet');

-- ask
--   counted_kind = 'user'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
SELECT
  COUNT(*),
  COALESCE(BOOL_OR(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_outcomes_4_days AS whole_days
  WHERE
    kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_2_days AS cut_days
  WHERE
    position >= 913398615244800000
    AND kind = 'custom'
    AND key = 'bought "it''s"	\ 100 %'
) AS events
WHERE
  unit_kind = 'user';

-- ask
--   counted_kind = 'user'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
SELECT
  kinds,
  COUNT(*)
FROM (
  SELECT
    *
  FROM lake_outcomes_4_days AS whole_days
  WHERE
    kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_2_days AS cut_days
  WHERE
    position >= 913398615244800000
    AND kind = 'custom'
    AND key = 'bought "it''s"	\ 100 %'
) AS events
WHERE
  unit_kind <> 'user' AND unit_kind = SPLIT_PART(kinds, ',', 1)
GROUP BY
  kinds;

-- keep flaghoist_q_judged
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
--   unit_kind = 'user'
SELECT
  timed.unit AS unit,
  timed.value AS value,
  timed.position AS position,
  timed.moment AS moment,
  FALSE AS excluded,
  CAST((
    CASE
      WHEN NOT timed.fits
      THEN 1
      WHEN FALSE AND FALSE
      THEN 2
      WHEN FALSE OR timed.moment < 1795608000000
      THEN 3
      WHEN timed.moment < assigned.moment
      OR (
        timed.moment = assigned.moment
        AND timed.position < assigned.position
        AND timed.position >= assigned.payload_start
      )
      THEN 4
      WHEN timed.moment < assigned.moment + 0
      THEN 5
      WHEN timed.moment > assigned.moment + 7776000000
      THEN 6
      WHEN timed.value IS NULL
      THEN 7
      ELSE 0
    END
  ) AS INTEGER) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      (
        BITWISE_RIGHT_SHIFT(position, 22)
      ) + 1577836800000
    ) AS moment,
    TRUE AS fits
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *
      FROM lake_outcomes_4_days AS whole_days
      WHERE
        kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_2_days AS cut_days
      WHERE
        position >= 913398615244800000
        AND kind = 'custom'
        AND key = 'bought "it''s"	\ 100 %'
    ) AS events
    WHERE
      unit_kind = 'user'
  ) AS of_kind
) AS timed
JOIN flaghoist_q_assigned AS assigned
  ON timed.unit = assigned.unit;

-- keep flaghoist_q_firsthand
WITH active AS (
  SELECT
    unit,
    COUNT(*) AS happened,
    SUM(CAST(value * CAST(2.4178516392292583e+24 AS DOUBLE) AS DECIMAL(38, 0))) AS total
  FROM flaghoist_q_judged AS judged
  WHERE
    verdict = 0
  GROUP BY
    unit
)
SELECT
  assigned.unit AS unit,
  assigned.variation AS variation,
  assigned.slice AS slice,
  COALESCE(active.happened, 0) AS events,
  CASE
    WHEN active.happened IS NULL
    THEN 0.0
    ELSE (
      CASE
        WHEN active.total < 0
        THEN -(
          CAST(ABS(active.total) AS DOUBLE) * CAST(4.1359030627651384e-25 AS DOUBLE)
        )
        ELSE CAST(ABS(active.total) AS DOUBLE) * CAST(4.1359030627651384e-25 AS DOUBLE)
      END
    )
  END AS y
FROM flaghoist_q_assigned AS assigned
LEFT JOIN active
  ON assigned.unit = active.unit
WHERE
  TRUE;

-- ask
SELECT
  COUNT(*)
FROM flaghoist_q_firsthand AS firsthand
WHERE
  NOT y IS NULL AND events > 0;

-- ask
SELECT
  y
FROM flaghoist_q_firsthand AS firsthand
WHERE
  NOT y IS NULL AND events > 0
ORDER BY
  y
OFFSET 2
LIMIT 1;

-- ask
SELECT
  y
FROM flaghoist_q_firsthand AS firsthand
WHERE
  NOT y IS NULL AND events > 0
ORDER BY
  y
OFFSET 51
LIMIT 1;

-- ask
SELECT
  COUNT(*) FILTER(WHERE
    y < CAST(-1.2400343116025083e-07 AS DOUBLE)),
  COUNT(*) FILTER(WHERE
    y > CAST(458.6399999061307 AS DOUBLE))
FROM flaghoist_q_firsthand AS firsthand
WHERE
  NOT y IS NULL AND events > 0;

-- keep flaghoist_q_firsthand
SELECT
  unit,
  variation,
  slice,
  events,
  CASE
    WHEN NOT y IS NULL AND events > 0
    THEN LEAST(
      GREATEST(y, CAST(-1.2400343116025083e-07 AS DOUBLE)),
      CAST(458.6399999061307 AS DOUBLE)
    )
    ELSE y
  END AS y
FROM flaghoist_q_firsthand AS firsthand;

-- ask
SELECT
  MAX(ABS(value)),
  MAX(position)
FROM flaghoist_q_judged_before AS judged_before
WHERE
  verdict = 0;

-- keep flaghoist_q_secondhand
WITH active AS (
  SELECT
    unit,
    COUNT(*) AS happened,
    SUM(CAST(value * CAST(1.5111572745182865e+23 AS DOUBLE) AS DECIMAL(38, 0))) AS total
  FROM flaghoist_q_judged_before AS judged_before
  WHERE
    verdict = 0
  GROUP BY
    unit
)
SELECT
  assigned.unit AS unit,
  assigned.variation AS variation,
  assigned.slice AS slice,
  COALESCE(active.happened, 0) AS events,
  CASE
    WHEN active.happened IS NULL
    THEN 0.0
    ELSE (
      CASE
        WHEN active.total < 0
        THEN -(
          CAST(ABS(active.total) AS DOUBLE) * CAST(6.617444900424222e-24 AS DOUBLE)
        )
        ELSE CAST(ABS(active.total) AS DOUBLE) * CAST(6.617444900424222e-24 AS DOUBLE)
      END
    )
  END AS y
FROM flaghoist_q_assigned AS assigned
LEFT JOIN active
  ON assigned.unit = active.unit
WHERE
  TRUE;

-- keep flaghoist_q_valued
SELECT
  firsthand.unit AS unit,
  firsthand.variation AS variation,
  firsthand.slice AS slice,
  firsthand.events AS events,
  firsthand.y AS y,
  secondhand.y AS z
FROM flaghoist_q_firsthand AS firsthand
JOIN flaghoist_q_secondhand AS secondhand
  ON firsthand.unit = secondhand.unit;

-- ask
SELECT
  MAX(ABS(y)),
  MAX(ABS(z))
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT y IS NULL
) AS valued;

-- ask
SELECT
  variation,
  COUNT(*),
  SUM(CAST(y * CAST(9.671406556917033e+24 AS DOUBLE) AS DECIMAL(38, 0))),
  MIN(y),
  MAX(y),
  SUM(CAST(z * CAST(1.5111572745182865e+23 AS DOUBLE) AS DECIMAL(38, 0))),
  MIN(z),
  MAX(z)
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT y IS NULL
) AS valued
GROUP BY
  variation;

-- fill flaghoist_q_means (variation INTEGER, mean_0 DOUBLE, mean_1 DOUBLE)

-- ask
SELECT
  valued.variation AS variation,
  SUM(
    CAST(((valued.y - means.mean_0) * (valued.y - means.mean_0)) * CAST(1.888946593147858e+22 AS DOUBLE) AS DECIMAL(38, 0))
  ),
  SUM(
    CAST(((valued.z - means.mean_1) * (valued.y - means.mean_0)) * CAST(2.9514790517935283e+20 AS DOUBLE) AS DECIMAL(38, 0))
  ),
  SUM(
    CAST(((valued.z - means.mean_1) * (valued.z - means.mean_1)) * CAST(4.611686018427388e+18 AS DOUBLE) AS DECIMAL(38, 0))
  )
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT y IS NULL
) AS valued
JOIN flaghoist_q_means AS means
  ON valued.variation IS NOT DISTINCT FROM means.variation
GROUP BY
  valued.variation;

-- ===== funnel in order =====

-- ask
--   counted_kind = 'user'
--   key = 'seen'
--   kind = 'pageview'
SELECT
  COUNT(*),
  COALESCE(BOOL_OR(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_outcomes_4_days AS whole_days
  WHERE
    kind = 'pageview' AND key = 'seen'
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_1_days AS cut_days
  WHERE
    position >= 913398615244800000 AND kind = 'pageview' AND key = 'seen'
) AS events
WHERE
  unit_kind = 'user';

-- ask
--   counted_kind = 'user'
--   key = 'seen'
--   kind = 'pageview'
SELECT
  kinds,
  COUNT(*)
FROM (
  SELECT
    *
  FROM lake_outcomes_4_days AS whole_days
  WHERE
    kind = 'pageview' AND key = 'seen'
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_1_days AS cut_days
  WHERE
    position >= 913398615244800000 AND kind = 'pageview' AND key = 'seen'
) AS events
WHERE
  unit_kind <> 'user' AND unit_kind = SPLIT_PART(kinds, ',', 1)
GROUP BY
  kinds;

-- keep flaghoist_q_judged_step_0
--   key = 'seen'
--   kind = 'pageview'
--   unit_kind = 'user'
SELECT
  timed.unit AS unit,
  timed.value AS value,
  timed.position AS position,
  timed.moment AS moment,
  FALSE AS excluded,
  CAST((
    CASE
      WHEN NOT timed.fits
      THEN 1
      WHEN FALSE AND FALSE
      THEN 2
      WHEN FALSE OR timed.moment < 1795608000000
      THEN 3
      WHEN timed.moment < assigned.moment
      OR (
        timed.moment = assigned.moment
        AND timed.position < assigned.position
        AND timed.position >= assigned.payload_start
      )
      THEN 4
      WHEN timed.moment < assigned.moment + 0
      THEN 5
      WHEN timed.moment > assigned.moment + 7776000000
      THEN 6
      ELSE 0
    END
  ) AS INTEGER) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      (
        BITWISE_RIGHT_SHIFT(position, 22)
      ) + 1577836800000
    ) AS moment,
    TRUE AS fits
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *
      FROM lake_outcomes_4_days AS whole_days
      WHERE
        kind = 'pageview' AND key = 'seen'
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND kind = 'pageview' AND key = 'seen'
    ) AS events
    WHERE
      unit_kind = 'user'
  ) AS of_kind
) AS timed
JOIN flaghoist_q_assigned AS assigned
  ON timed.unit = assigned.unit;

-- ask
SELECT
  excluded,
  verdict,
  COUNT(*)
FROM flaghoist_q_judged_step_0 AS judged_step_0
GROUP BY
  excluded,
  verdict;

-- keep flaghoist_q_judged
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
--   unit_kind = 'user'
SELECT
  timed.unit AS unit,
  timed.value AS value,
  timed.position AS position,
  timed.moment AS moment,
  FALSE AS excluded,
  CAST((
    CASE
      WHEN NOT timed.fits
      THEN 1
      WHEN FALSE AND FALSE
      THEN 2
      WHEN FALSE OR timed.moment < 1795608000000
      THEN 3
      WHEN timed.moment < assigned.moment
      OR (
        timed.moment = assigned.moment
        AND timed.position < assigned.position
        AND timed.position >= assigned.payload_start
      )
      THEN 4
      WHEN timed.moment < assigned.moment + 0
      THEN 5
      WHEN timed.moment > assigned.moment + 7776000000
      THEN 6
      ELSE 0
    END
  ) AS INTEGER) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      (
        BITWISE_RIGHT_SHIFT(position, 22)
      ) + 1577836800000
    ) AS moment,
    TRUE AS fits
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *
      FROM lake_outcomes_4_days AS whole_days
      WHERE
        kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_1_days AS cut_days
      WHERE
        position >= 913398615244800000
        AND kind = 'custom'
        AND key = 'bought "it''s"	\ 100 %'
    ) AS events
    WHERE
      unit_kind = 'user'
  ) AS of_kind
) AS timed
JOIN flaghoist_q_assigned AS assigned
  ON timed.unit = assigned.unit;

-- keep flaghoist_q_valued
WITH active AS (
  SELECT
    unit,
    COUNT(*) AS happened
  FROM flaghoist_q_judged AS judged
  WHERE
    verdict = 0
  GROUP BY
    unit
)
SELECT
  assigned.unit AS unit,
  assigned.variation AS variation,
  assigned.slice AS slice,
  COALESCE(active.happened, 0) AS events,
  CASE WHEN active.happened IS NULL THEN 0.0 ELSE CAST(1.0 AS DOUBLE) END AS y
FROM flaghoist_q_assigned AS assigned
LEFT JOIN active
  ON assigned.unit = active.unit
WHERE
  TRUE;

-- keep flaghoist_q_step_0
SELECT
  here.unit AS unit,
  MIN(here.place) AS place
FROM (
  SELECT
    unit,
    CAST(ROW(moment, position, coalesce(0, 0))
                AS ROW(moment BIGINT, position BIGINT, variation INTEGER)) AS place
  FROM flaghoist_q_judged_step_0 AS judged_step_0
  WHERE
    verdict = 0
) AS here
GROUP BY
  here.unit;

-- keep flaghoist_q_step_1
SELECT
  here.unit AS unit,
  MIN(here.place) AS place
FROM (
  SELECT
    unit,
    CAST(ROW(moment, position, coalesce(0, 0))
                AS ROW(moment BIGINT, position BIGINT, variation INTEGER)) AS place
  FROM flaghoist_q_judged AS judged
  WHERE
    verdict = 0
) AS here
JOIN flaghoist_q_step_0 AS earlier
  ON here.unit = earlier.unit
WHERE
  here.place > earlier.place
GROUP BY
  here.unit;

-- keep flaghoist_q_valued
SELECT
  valued.unit AS unit,
  valued.variation AS variation,
  valued.slice AS slice,
  CASE WHEN last_step.unit IS NULL THEN 0 ELSE valued.events END AS events,
  CASE WHEN last_step.unit IS NULL THEN 0 ELSE valued.y END AS y
FROM flaghoist_q_valued AS valued
LEFT JOIN flaghoist_q_step_1 AS last_step
  ON valued.unit = last_step.unit;

-- ask
SELECT
  variation,
  COUNT(*),
  SUM(CAST(y * CAST(2.4758800785707605e+27 AS DOUBLE) AS DECIMAL(38, 0))),
  MIN(y),
  MAX(y)
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT y IS NULL
) AS valued
GROUP BY
  variation;

-- ask
SELECT
  valued.variation AS variation,
  SUM(
    CAST(((valued.y - means.mean_0) * (valued.y - means.mean_0)) * CAST(4.951760157141521e+27 AS DOUBLE) AS DECIMAL(38, 0))
  )
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT y IS NULL
) AS valued
JOIN flaghoist_q_means AS means
  ON valued.variation IS NOT DISTINCT FROM means.variation
GROUP BY
  valued.variation;

-- ===== average of units with events, within a window =====

-- lake_exposures_3_days stands for
SELECT flag, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, variation, version, treatment, rule, iteration, weight, attributes FROM hive.lake.exposures WHERE env IN ('5eaf00d5eaf00d5eaf00d5ea') AND day IN ('2026-11-26', '2026-11-27', '2026-11-28') AND "$path" IN ('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-26/exposures.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-27/exposures.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-28/exposures.parquet');

-- lake_exposures_2_days stands for
SELECT flag, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, variation, version, treatment, rule, iteration, weight, attributes FROM hive.lake.exposures WHERE env IN ('5eaf00d5eaf00d5eaf00d5ea') AND day IN ('2026-11-25', '2026-11-29') AND "$path" IN ('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/exposures.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-29/exposures.parquet');

-- ask
--   flag = 'checkout'
SELECT
  COALESCE(BOOL_OR(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_exposures_3_days AS whole_days
  WHERE
    flag = 'checkout'
  UNION ALL
  SELECT
    *
  FROM lake_exposures_2_days AS cut_days
  WHERE
    position >= 913397356953600000
    AND position < 914787768733794304
    AND flag = 'checkout'
) AS shown;

-- ask
--   counted_kind = 'org'
--   flag = 'checkout'
SELECT
  COUNT(*),
  COALESCE(BOOL_OR(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        CASE
          WHEN NOT created_at IS NULL
          THEN COALESCE(
            LEAST(
              GREATEST(
                created_at,
                (
                  (
                    BITWISE_RIGHT_SHIFT(position, 22)
                  ) + 1577836800000
                ) - 72000000
              ),
              (
                (
                  BITWISE_RIGHT_SHIFT(position, 22)
                ) + 1577836800000
              ) + 300000
            ),
            (
              (
                BITWISE_RIGHT_SHIFT(position, 22)
              ) + 1577836800000
            )
          )
          ELSE (
            (
              BITWISE_RIGHT_SHIFT(position, 22)
            ) + 1577836800000
          )
        END
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_3_days AS whole_days
      WHERE
        flag = 'checkout'
      UNION ALL
      SELECT
        *
      FROM lake_exposures_2_days AS cut_days
      WHERE
        position >= 913397356953600000
        AND position < 914787768733794304
        AND flag = 'checkout'
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000 AND moment <= 1795867200000
) AS events
WHERE
  unit_kind = 'org';

-- ask
--   counted_kind = 'org'
--   flag = 'checkout'
SELECT
  kinds,
  COUNT(*)
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        CASE
          WHEN NOT created_at IS NULL
          THEN COALESCE(
            LEAST(
              GREATEST(
                created_at,
                (
                  (
                    BITWISE_RIGHT_SHIFT(position, 22)
                  ) + 1577836800000
                ) - 72000000
              ),
              (
                (
                  BITWISE_RIGHT_SHIFT(position, 22)
                ) + 1577836800000
              ) + 300000
            ),
            (
              (
                BITWISE_RIGHT_SHIFT(position, 22)
              ) + 1577836800000
            )
          )
          ELSE (
            (
              BITWISE_RIGHT_SHIFT(position, 22)
            ) + 1577836800000
          )
        END
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_3_days AS whole_days
      WHERE
        flag = 'checkout'
      UNION ALL
      SELECT
        *
      FROM lake_exposures_2_days AS cut_days
      WHERE
        position >= 913397356953600000
        AND position < 914787768733794304
        AND flag = 'checkout'
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000 AND moment <= 1795867200000
) AS events
WHERE
  unit_kind <> 'org' AND unit_kind = SPLIT_PART(kinds, ',', 1)
GROUP BY
  kinds;

-- keep flaghoist_q_shown
--   flag = 'checkout'
--   unit_kind = 'org'
SELECT
  unit,
  CAST(variation AS INTEGER) AS variation,
  weight,
  CAST(NULL AS VARCHAR) AS slice,
  CAST(ROW(moment, position, coalesce(variation, 0))
              AS ROW(moment BIGINT, position BIGINT, variation INTEGER)) AS place
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        CASE
          WHEN NOT created_at IS NULL
          THEN COALESCE(
            LEAST(
              GREATEST(
                created_at,
                (
                  (
                    BITWISE_RIGHT_SHIFT(position, 22)
                  ) + 1577836800000
                ) - 72000000
              ),
              (
                (
                  BITWISE_RIGHT_SHIFT(position, 22)
                ) + 1577836800000
              ) + 300000
            ),
            (
              (
                BITWISE_RIGHT_SHIFT(position, 22)
              ) + 1577836800000
            )
          )
          ELSE (
            (
              BITWISE_RIGHT_SHIFT(position, 22)
            ) + 1577836800000
          )
        END
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_3_days AS whole_days
      WHERE
        flag = 'checkout'
      UNION ALL
      SELECT
        *
      FROM lake_exposures_2_days AS cut_days
      WHERE
        position >= 913397356953600000
        AND position < 914787768733794304
        AND flag = 'checkout'
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000 AND moment <= 1795867200000
) AS within_time
WHERE
  unit_kind = 'org';

-- lake_outcomes_3_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM hive.lake.outcomes WHERE env IN ('5eaf00d5eaf00d5eaf00d5ea') AND day IN ('2026-11-26', '2026-11-27', '2026-11-28') AND "$path" IN ('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-26/outcomes.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-27/outcomes.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-28/outcomes.parquet');

-- lake_outcomes_2_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM hive.lake.outcomes WHERE env IN ('5eaf00d5eaf00d5eaf00d5ea') AND day IN ('2026-11-25', '2026-11-29') AND "$path" IN ('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/outcomes.parquet', '/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-29/outcomes.parquet');

-- ask
--   counted_kind = 'org'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
SELECT
  COUNT(*),
  COALESCE(BOOL_OR(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_outcomes_3_days AS whole_days
  WHERE
    kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_2_days AS cut_days
  WHERE
    position >= 913397356953600000
    AND position < 914787768733794304
    AND kind = 'custom'
    AND key = 'bought "it''s"	\ 100 %'
) AS events
WHERE
  unit_kind = 'org';

-- ask
--   counted_kind = 'org'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
SELECT
  kinds,
  COUNT(*)
FROM (
  SELECT
    *
  FROM lake_outcomes_3_days AS whole_days
  WHERE
    kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_2_days AS cut_days
  WHERE
    position >= 913397356953600000
    AND position < 914787768733794304
    AND kind = 'custom'
    AND key = 'bought "it''s"	\ 100 %'
) AS events
WHERE
  unit_kind <> 'org' AND unit_kind = SPLIT_PART(kinds, ',', 1)
GROUP BY
  kinds;

-- keep flaghoist_q_judged
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
--   unit_kind = 'org'
SELECT
  timed.unit AS unit,
  timed.value AS value,
  timed.position AS position,
  timed.moment AS moment,
  FALSE AS excluded,
  CAST((
    CASE
      WHEN NOT timed.fits
      THEN 1
      WHEN timed.moment > 1795867200000 AND timed.created_at <= 1795867200000
      THEN 2
      WHEN timed.moment > 1795867200000 OR timed.moment < 1795608000000
      THEN 3
      WHEN timed.moment < assigned.moment
      OR (
        timed.moment = assigned.moment
        AND timed.position < assigned.position
        AND timed.position >= assigned.payload_start
      )
      THEN 4
      WHEN timed.moment < assigned.moment + 3600000
      THEN 5
      WHEN timed.moment > assigned.moment + 172800000
      THEN 6
      WHEN timed.value IS NULL
      THEN 7
      ELSE 0
    END
  ) AS INTEGER) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      CASE
        WHEN NOT created_at IS NULL
        THEN COALESCE(
          LEAST(
            GREATEST(
              created_at,
              (
                (
                  BITWISE_RIGHT_SHIFT(position, 22)
                ) + 1577836800000
              ) - 72000000
            ),
            (
              (
                BITWISE_RIGHT_SHIFT(position, 22)
              ) + 1577836800000
            ) + 300000
          ),
          (
            (
              BITWISE_RIGHT_SHIFT(position, 22)
            ) + 1577836800000
          )
        )
        ELSE (
          (
            BITWISE_RIGHT_SHIFT(position, 22)
          ) + 1577836800000
        )
      END
    ) AS moment,
    TRUE AS fits
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *
      FROM lake_outcomes_3_days AS whole_days
      WHERE
        kind = 'custom' AND key = 'bought "it''s"	\ 100 %'
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_2_days AS cut_days
      WHERE
        position >= 913397356953600000
        AND position < 914787768733794304
        AND kind = 'custom'
        AND key = 'bought "it''s"	\ 100 %'
    ) AS events
    WHERE
      unit_kind = 'org'
  ) AS of_kind
) AS timed
JOIN flaghoist_q_assigned AS assigned
  ON timed.unit = assigned.unit;

-- keep flaghoist_q_valued
WITH active AS (
  SELECT
    unit,
    COUNT(*) AS happened,
    SUM(CAST(value * CAST(2.4178516392292583e+24 AS DOUBLE) AS DECIMAL(38, 0))) AS total
  FROM flaghoist_q_judged AS judged
  WHERE
    verdict = 0
  GROUP BY
    unit
)
SELECT
  assigned.unit AS unit,
  assigned.variation AS variation,
  assigned.slice AS slice,
  COALESCE(active.happened, 0) AS events,
  CASE
    WHEN active.happened IS NULL
    THEN CAST(NULL AS DOUBLE)
    ELSE CAST((
      CASE
        WHEN active.total < 0
        THEN -(
          CAST(ABS(active.total) AS DOUBLE) * CAST(4.1359030627651384e-25 AS DOUBLE)
        )
        ELSE CAST(ABS(active.total) AS DOUBLE) * CAST(4.1359030627651384e-25 AS DOUBLE)
      END
    ) AS DOUBLE) / active.happened
  END AS y
FROM flaghoist_q_assigned AS assigned
LEFT JOIN active
  ON assigned.unit = active.unit
WHERE
  TRUE;

-- ask
SELECT
  variation,
  COUNT(*),
  SUM(CAST(y * CAST(1.9342813113834067e+25 AS DOUBLE) AS DECIMAL(38, 0))),
  MIN(y),
  MAX(y)
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT y IS NULL
) AS valued
GROUP BY
  variation;

-- ask
SELECT
  valued.variation AS variation,
  SUM(
    CAST(((valued.y - means.mean_0) * (valued.y - means.mean_0)) * CAST(3.022314549036573e+23 AS DOUBLE) AS DECIMAL(38, 0))
  )
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT y IS NULL
) AS valued
JOIN flaghoist_q_means AS means
  ON valued.variation IS NOT DISTINCT FROM means.variation
GROUP BY
  valued.variation;

-- ===== units in time =====

-- ask
SELECT
  span,
  variation,
  COUNT(*)
FROM (
  SELECT
    variation,
    CASE WHEN moment < 1795694400000 THEN 0 WHEN moment < 1795780800000 THEN 1 END AS span
  FROM flaghoist_q_assigned AS assigned
  WHERE
    moment >= 1795608000000 AND moment < 1795780800000
) AS placed
GROUP BY
  span,
  variation
ORDER BY
  span,
  variation;
