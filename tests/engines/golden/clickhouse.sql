-- ===== percentile of filtered sums, by plan =====

-- lake_exposures_4_days stands for
SELECT flag, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, variation, version, treatment, rule, iteration, weight, attributes FROM file('/lake/{env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-26/exposures.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-27/exposures.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-28/exposures.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-29/exposures.parquet}', 'Parquet', 'flag Nullable(String), unit_kind Nullable(String), unit Nullable(UInt64), unit_key Nullable(String), kinds Nullable(String), position Nullable(Int64), created_at Nullable(Int64), by_creation Nullable(Bool), variation Nullable(Int16), version Nullable(Int64), treatment Nullable(String), rule Nullable(String), iteration Nullable(String), weight Nullable(Int64), attributes Nullable(String)');

-- lake_exposures_1_days stands for
SELECT flag, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, variation, version, treatment, rule, iteration, weight, attributes FROM file('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/exposures.parquet', 'Parquet', 'flag Nullable(String), unit_kind Nullable(String), unit Nullable(UInt64), unit_key Nullable(String), kinds Nullable(String), position Nullable(Int64), created_at Nullable(Int64), by_creation Nullable(Bool), variation Nullable(Int16), version Nullable(Int64), treatment Nullable(String), rule Nullable(String), iteration Nullable(String), weight Nullable(Int64), attributes Nullable(String)');

-- ask
--   flag = 'checkout'
SELECT
  COALESCE(max(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_exposures_4_days AS whole_days
  WHERE
    flag = {flag:String}
  UNION ALL
  SELECT
    *
  FROM lake_exposures_1_days AS cut_days
  WHERE
    position >= 913398615244800000 AND flag = {flag:String}
) AS shown;

-- ask
--   counted_kind = 'user'
--   flag = 'checkout'
SELECT
  COUNT(*),
  COALESCE(max(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        (
          bitShiftRight(position, 22)
        ) + 1577836800000
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_4_days AS whole_days
      WHERE
        flag = {flag:String}
      UNION ALL
      SELECT
        *
      FROM lake_exposures_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND flag = {flag:String}
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000
) AS events
WHERE
  unit_kind = {counted_kind:String};

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
          bitShiftRight(position, 22)
        ) + 1577836800000
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_4_days AS whole_days
      WHERE
        flag = {flag:String}
      UNION ALL
      SELECT
        *
      FROM lake_exposures_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND flag = {flag:String}
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000
) AS events
WHERE
  unit_kind <> {counted_kind:String}
  AND unit_kind = splitByString(',', assumeNotNull(kinds))[1]
GROUP BY
  kinds;

-- keep flaghoist_q_shown
--   at_2 = 'plan'
--   flag = 'checkout'
--   unit_kind = 'user'
SELECT
  unit,
  CAST(variation AS Nullable(Int16)) AS variation,
  weight,
  (CASE WHEN NOT isValidJSON(attributes) THEN NULL
              WHEN JSONType(attributes, {at_2:String}) = 'String' THEN JSONExtractString(attributes, {at_2:String})
              WHEN JSONType(attributes, {at_2:String}) = 'Null' THEN NULL
              ELSE nullIf(JSONExtractRaw(attributes, {at_2:String}), '') END) AS slice,
  (bitShiftLeft(toInt128(moment), 80) + bitShiftLeft(toInt128(position), 16) + coalesce(variation, 0)) AS place
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        (
          bitShiftRight(position, 22)
        ) + 1577836800000
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_4_days AS whole_days
      WHERE
        flag = {flag:String}
      UNION ALL
      SELECT
        *
      FROM lake_exposures_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND flag = {flag:String}
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000
) AS within_time
WHERE
  unit_kind = {unit_kind:String};

-- keep flaghoist_q_assigned
WITH firsts AS (
  SELECT
    unit,
    MIN(place) AS place,
    MIN(variation) <> MAX(variation) AS contaminated
  FROM flaghoist_q_shown AS shown
  WHERE
    NOT (
      variation IS NULL
    )
  GROUP BY
    unit
), seconds AS (
  SELECT
    shown.unit AS unit,
    toInt64(bitShiftRight(MIN(shown.place), 80)) AS moment
  FROM flaghoist_q_shown AS shown
  JOIN firsts
    ON shown.unit = firsts.unit
  WHERE
    firsts.contaminated AND shown.variation <> toInt16(bitAnd(firsts.place, 65535))
  GROUP BY
    shown.unit
), slices AS (
  SELECT
    unit,
    argMin(slice, place) AS slice
  FROM flaghoist_q_shown AS shown
  WHERE
    NOT (
      slice IS NULL
    ) AND NOT (
      variation IS NULL
    )
  GROUP BY
    unit
), placed AS (
  SELECT
    unit,
    toInt16(bitAnd(place, 65535)) AS variation,
    toInt64(bitShiftRight(place, 80)) AS moment,
    toInt64(bitAnd(bitShiftRight(place, 16), 18446744073709551615)) AS position
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
        bitAnd(placed.position, 2097152)
      ) <> 0
      THEN bitOr((bitShiftLeft((bitShiftRight(placed.position, 22)), 22)), 2097152)
      ELSE bitShiftLeft((bitShiftRight(placed.position, 14)), 14)
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
    NOT (
      variation IS NULL
    )), 0) AS Nullable(Int64)),
  COUNT(*) FILTER(WHERE
    variation IS NULL),
  toInt64(bitShiftRight(MIN(place), 80)),
  toInt64(bitShiftRight(MAX(place), 80))
FROM flaghoist_q_shown AS shown;

-- lake_outcomes_4_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM file('/lake/{env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-26/outcomes.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-27/outcomes.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-28/outcomes.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-29/outcomes.parquet}', 'Parquet', 'kind Nullable(String), key Nullable(String), unit_kind Nullable(String), unit Nullable(UInt64), unit_key Nullable(String), kinds Nullable(String), position Nullable(Int64), created_at Nullable(Int64), by_creation Nullable(Bool), value Nullable(Float64), weight Nullable(Int64), url Nullable(String), properties Nullable(String), context Nullable(String)');

-- lake_outcomes_1_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM file('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/outcomes.parquet', 'Parquet', 'kind Nullable(String), key Nullable(String), unit_kind Nullable(String), unit Nullable(UInt64), unit_key Nullable(String), kinds Nullable(String), position Nullable(Int64), created_at Nullable(Int64), by_creation Nullable(Bool), value Nullable(Float64), weight Nullable(Int64), url Nullable(String), properties Nullable(String), context Nullable(String)');

-- ask
--   counted_kind = 'user'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
SELECT
  COUNT(*),
  COALESCE(max(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_outcomes_4_days AS whole_days
  WHERE
    kind = {kind:String} AND key = {key:String}
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_1_days AS cut_days
  WHERE
    position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
) AS events
WHERE
  unit_kind = {counted_kind:String};

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
    kind = {kind:String} AND key = {key:String}
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_1_days AS cut_days
  WHERE
    position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
) AS events
WHERE
  unit_kind <> {counted_kind:String}
  AND unit_kind = splitByString(',', assumeNotNull(kinds))[1]
GROUP BY
  kinds;

-- ask
--   at_3 = "co'lour"
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
--   unit_kind = 'user'
SELECT DISTINCT
  (CASE WHEN isValidJSON(properties) THEN nullIf(JSONExtractRaw(properties, {at_3:String}), '') END) AS value
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM lake_outcomes_4_days AS whole_days
    WHERE
      kind = {kind:String} AND key = {key:String}
    UNION ALL
    SELECT
      *
    FROM lake_outcomes_1_days AS cut_days
    WHERE
      position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
  ) AS events
  WHERE
    unit_kind = {unit_kind:String}
) AS of_kind;

-- fill flaghoist_q_leaf_0 (value Nullable(String))

-- ask
--   at_3 = 'user'
--   at_4 = 'address'
--   at_5 = 'city'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
--   unit_kind = 'user'
SELECT DISTINCT
  (CASE WHEN isValidJSON(context) THEN nullIf(JSONExtractRaw(context, {at_3:String}, {at_4:String}, {at_5:String}), '') END) AS value
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM lake_outcomes_4_days AS whole_days
    WHERE
      kind = {kind:String} AND key = {key:String}
    UNION ALL
    SELECT
      *
    FROM lake_outcomes_1_days AS cut_days
    WHERE
      position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
  ) AS events
  WHERE
    unit_kind = {unit_kind:String}
) AS of_kind;

-- fill flaghoist_q_leaf_1 (value Nullable(String))

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
      kind = {kind:String} AND key = {key:String}
    UNION ALL
    SELECT
      *
    FROM lake_outcomes_1_days AS cut_days
    WHERE
      position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
  ) AS events
  WHERE
    unit_kind = {unit_kind:String}
) AS of_kind;

-- fill flaghoist_q_leaf_2 (value Nullable(String))

-- fill flaghoist_q_leaf_3 (value Nullable(String))

-- keep flaghoist_q_judged
--   at_2 = "co'lour"
--   at_3 = 'user'
--   at_4 = 'address'
--   at_5 = 'city'
--   at_6 = "co'lour"
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
  ) AS Nullable(Int8)) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      (
        bitShiftRight(position, 22)
      ) + 1577836800000
    ) AS moment,
    (
      COALESCE(
        (CASE WHEN isValidJSON(properties) THEN nullIf(JSONExtractRaw(properties, {at_6:String}), '') END) IN (
          SELECT
            value
          FROM flaghoist_q_leaf_0 AS leaf_0
        ),
        FALSE
      )
      OR COALESCE(
        (CASE WHEN isValidJSON(context) THEN nullIf(JSONExtractRaw(context, {at_3:String}, {at_4:String}, {at_5:String}), '') END) IN (
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
          (CASE WHEN isValidJSON(properties) THEN nullIf(JSONExtractRaw(properties, {at_2:String}), '') END) IN (
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
        kind = {kind:String} AND key = {key:String}
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
    ) AS events
    WHERE
      unit_kind = {unit_kind:String}
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
    SUM(toInt128(round(value * CAST(2.4178516392292583e+24 AS Nullable(Float64))))) AS total
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
    THEN CAST(NULL AS Nullable(Float64))
    ELSE (
      CASE
        WHEN active.total < 0
        THEN -(
          CAST(ABS(active.total) AS Nullable(Float64)) * CAST(4.1359030627651384e-25 AS Nullable(Float64))
        )
        ELSE CAST(ABS(active.total) AS Nullable(Float64)) * CAST(4.1359030627651384e-25 AS Nullable(Float64))
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

-- fill flaghoist_q_shown_slices (value Nullable(String))

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
  CAST(SUM(events) AS Nullable(Int64))
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
    NOT (
      y IS NULL
    )
) AS valued;

-- ask
SELECT
  slice,
  variation,
  COUNT(*),
  SUM(toInt128(round(y * CAST(2.4178516392292583e+24 AS Nullable(Float64))))),
  MIN(y),
  MAX(y)
FROM (
  SELECT
    *
  FROM flaghoist_q_sliced AS sliced
  WHERE
    NOT (
      y IS NULL
    )
) AS valued
GROUP BY
  slice,
  variation;

-- fill flaghoist_q_means (slice Nullable(String), variation Nullable(Int16), mean_0 Nullable(Float64))

-- ask
SELECT
  valued.slice AS slice,
  valued.variation AS variation,
  SUM(
    toInt128(round(((valued.y - means.mean_0) * (valued.y - means.mean_0)) * CAST(9.44473296573929e+21 AS Nullable(Float64))))
  )
FROM (
  SELECT
    *
  FROM flaghoist_q_sliced AS sliced
  WHERE
    NOT (
      y IS NULL
    )
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
    NOT (
      y IS NULL
    )
) AS ranked
WHERE
  place IN (1, 2, 3);

-- ask
SELECT
  variation,
  COUNT(*),
  COUNT(*) FILTER(WHERE
    events > 0),
  CAST(SUM(events) AS Nullable(Int64))
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
    NOT (
      y IS NULL
    )
) AS valued;

-- ask
SELECT
  variation,
  COUNT(*),
  SUM(toInt128(round(y * CAST(2.4178516392292583e+24 AS Nullable(Float64))))),
  MIN(y),
  MAX(y)
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT (
      y IS NULL
    )
) AS valued
GROUP BY
  variation;

-- fill flaghoist_q_means (variation Nullable(Int16), mean_0 Nullable(Float64))

-- ask
SELECT
  valued.variation AS variation,
  SUM(
    toInt128(round(((valued.y - means.mean_0) * (valued.y - means.mean_0)) * CAST(2.3611832414348226e+21 AS Nullable(Float64))))
  )
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT (
      y IS NULL
    )
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
    NOT (
      y IS NULL
    )
) AS ranked
WHERE
  place IN (7, 9, 11, 14, 18);

-- ===== capped sum with a covariate =====

-- keep flaghoist_q_shown
--   flag = 'checkout'
--   unit_kind = 'user'
SELECT
  unit,
  CAST(variation AS Nullable(Int16)) AS variation,
  weight,
  CAST(NULL AS Nullable(String)) AS slice,
  (bitShiftLeft(toInt128(moment), 80) + bitShiftLeft(toInt128(position), 16) + coalesce(variation, 0)) AS place
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        (
          bitShiftRight(position, 22)
        ) + 1577836800000
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_4_days AS whole_days
      WHERE
        flag = {flag:String}
      UNION ALL
      SELECT
        *
      FROM lake_exposures_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND flag = {flag:String}
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000
) AS within_time
WHERE
  unit_kind = {unit_kind:String};

-- lake_outcomes_5_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM file('/lake/{env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/outcomes.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-26/outcomes.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-27/outcomes.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-28/outcomes.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-29/outcomes.parquet}', 'Parquet', 'kind Nullable(String), key Nullable(String), unit_kind Nullable(String), unit Nullable(UInt64), unit_key Nullable(String), kinds Nullable(String), position Nullable(Int64), created_at Nullable(Int64), by_creation Nullable(Bool), value Nullable(Float64), weight Nullable(Int64), url Nullable(String), properties Nullable(String), context Nullable(String)');

-- lake_outcomes_1_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM file('/lake/env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-24/outcomes.parquet', 'Parquet', 'kind Nullable(String), key Nullable(String), unit_kind Nullable(String), unit Nullable(UInt64), unit_key Nullable(String), kinds Nullable(String), position Nullable(Int64), created_at Nullable(Int64), by_creation Nullable(Bool), value Nullable(Float64), weight Nullable(Int64), url Nullable(String), properties Nullable(String), context Nullable(String)');

-- keep flaghoist_q_judged_before
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
--   unit_kind = 'user'
SELECT
  timed.unit AS unit,
  timed.value AS value,
  timed.position AS position,
  timed.moment AS moment,
  CAST(0 AS Nullable(Int8)) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      (
        bitShiftRight(position, 22)
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
        kind = {kind:String} AND key = {key:String}
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_1_days AS cut_days
      WHERE
        position >= 913036227379200000 AND kind = {kind:String} AND key = {key:String}
    ) AS events
    WHERE
      unit_kind = {unit_kind:String}
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
  AND NOT (
    timed.value IS NULL
  );

-- lake_outcomes_2_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM file('/lake/{env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-24/outcomes.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/outcomes.parquet}', 'Parquet', 'kind Nullable(String), key Nullable(String), unit_kind Nullable(String), unit Nullable(UInt64), unit_key Nullable(String), kinds Nullable(String), position Nullable(Int64), created_at Nullable(Int64), by_creation Nullable(Bool), value Nullable(Float64), weight Nullable(Int64), url Nullable(String), properties Nullable(String), context Nullable(String)');

-- ask
--   counted_kind = 'user'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
SELECT
  COUNT(*),
  COALESCE(max(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_outcomes_4_days AS whole_days
  WHERE
    kind = {kind:String} AND key = {key:String}
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_2_days AS cut_days
  WHERE
    position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
) AS events
WHERE
  unit_kind = {counted_kind:String};

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
    kind = {kind:String} AND key = {key:String}
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_2_days AS cut_days
  WHERE
    position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
) AS events
WHERE
  unit_kind <> {counted_kind:String}
  AND unit_kind = splitByString(',', assumeNotNull(kinds))[1]
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
  ) AS Nullable(Int8)) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      (
        bitShiftRight(position, 22)
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
        kind = {kind:String} AND key = {key:String}
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_2_days AS cut_days
      WHERE
        position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
    ) AS events
    WHERE
      unit_kind = {unit_kind:String}
  ) AS of_kind
) AS timed
JOIN flaghoist_q_assigned AS assigned
  ON timed.unit = assigned.unit;

-- keep flaghoist_q_firsthand
WITH active AS (
  SELECT
    unit,
    COUNT(*) AS happened,
    SUM(toInt128(round(value * CAST(2.4178516392292583e+24 AS Nullable(Float64))))) AS total
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
          CAST(ABS(active.total) AS Nullable(Float64)) * CAST(4.1359030627651384e-25 AS Nullable(Float64))
        )
        ELSE CAST(ABS(active.total) AS Nullable(Float64)) * CAST(4.1359030627651384e-25 AS Nullable(Float64))
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
  NOT (
    y IS NULL
  ) AND events > 0;

-- ask
SELECT
  y
FROM flaghoist_q_firsthand AS firsthand
WHERE
  NOT (
    y IS NULL
  ) AND events > 0
ORDER BY
  y
LIMIT 1
OFFSET 2;

-- ask
SELECT
  y
FROM flaghoist_q_firsthand AS firsthand
WHERE
  NOT (
    y IS NULL
  ) AND events > 0
ORDER BY
  y
LIMIT 1
OFFSET 51;

-- ask
SELECT
  COUNT(*) FILTER(WHERE
    y < CAST(-1.2400343116025083e-07 AS Nullable(Float64))),
  COUNT(*) FILTER(WHERE
    y > CAST(458.6399999061307 AS Nullable(Float64)))
FROM flaghoist_q_firsthand AS firsthand
WHERE
  NOT (
    y IS NULL
  ) AND events > 0;

-- keep flaghoist_q_firsthand
SELECT
  unit,
  variation,
  slice,
  events,
  CASE
    WHEN NOT (
      y IS NULL
    ) AND events > 0
    THEN LEAST(
      GREATEST(y, CAST(-1.2400343116025083e-07 AS Nullable(Float64))),
      CAST(458.6399999061307 AS Nullable(Float64))
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
    SUM(toInt128(round(value * CAST(1.5111572745182865e+23 AS Nullable(Float64))))) AS total
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
          CAST(ABS(active.total) AS Nullable(Float64)) * CAST(6.617444900424222e-24 AS Nullable(Float64))
        )
        ELSE CAST(ABS(active.total) AS Nullable(Float64)) * CAST(6.617444900424222e-24 AS Nullable(Float64))
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
    NOT (
      y IS NULL
    )
) AS valued;

-- ask
SELECT
  variation,
  COUNT(*),
  SUM(toInt128(round(y * CAST(9.671406556917033e+24 AS Nullable(Float64))))),
  MIN(y),
  MAX(y),
  SUM(toInt128(round(z * CAST(1.5111572745182865e+23 AS Nullable(Float64))))),
  MIN(z),
  MAX(z)
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT (
      y IS NULL
    )
) AS valued
GROUP BY
  variation;

-- fill flaghoist_q_means (variation Nullable(Int16), mean_0 Nullable(Float64), mean_1 Nullable(Float64))

-- ask
SELECT
  valued.variation AS variation,
  SUM(
    toInt128(round(((valued.y - means.mean_0) * (valued.y - means.mean_0)) * CAST(1.888946593147858e+22 AS Nullable(Float64))))
  ),
  SUM(
    toInt128(round(((valued.z - means.mean_1) * (valued.y - means.mean_0)) * CAST(2.9514790517935283e+20 AS Nullable(Float64))))
  ),
  SUM(
    toInt128(round(((valued.z - means.mean_1) * (valued.z - means.mean_1)) * CAST(4.611686018427388e+18 AS Nullable(Float64))))
  )
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT (
      y IS NULL
    )
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
  COALESCE(max(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_outcomes_4_days AS whole_days
  WHERE
    kind = {kind:String} AND key = {key:String}
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_1_days AS cut_days
  WHERE
    position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
) AS events
WHERE
  unit_kind = {counted_kind:String};

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
    kind = {kind:String} AND key = {key:String}
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_1_days AS cut_days
  WHERE
    position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
) AS events
WHERE
  unit_kind <> {counted_kind:String}
  AND unit_kind = splitByString(',', assumeNotNull(kinds))[1]
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
  ) AS Nullable(Int8)) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      (
        bitShiftRight(position, 22)
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
        kind = {kind:String} AND key = {key:String}
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
    ) AS events
    WHERE
      unit_kind = {unit_kind:String}
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
  ) AS Nullable(Int8)) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      (
        bitShiftRight(position, 22)
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
        kind = {kind:String} AND key = {key:String}
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_1_days AS cut_days
      WHERE
        position >= 913398615244800000 AND kind = {kind:String} AND key = {key:String}
    ) AS events
    WHERE
      unit_kind = {unit_kind:String}
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
  CASE WHEN active.happened IS NULL THEN 0.0 ELSE CAST(1.0 AS Nullable(Float64)) END AS y
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
    (bitShiftLeft(toInt128(moment), 80) + bitShiftLeft(toInt128(position), 16) + coalesce(0, 0)) AS place
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
    (bitShiftLeft(toInt128(moment), 80) + bitShiftLeft(toInt128(position), 16) + coalesce(0, 0)) AS place
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
  SUM(toInt128(round(y * CAST(2.4758800785707605e+27 AS Nullable(Float64))))),
  MIN(y),
  MAX(y)
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT (
      y IS NULL
    )
) AS valued
GROUP BY
  variation;

-- ask
SELECT
  valued.variation AS variation,
  SUM(
    toInt128(round(((valued.y - means.mean_0) * (valued.y - means.mean_0)) * CAST(4.951760157141521e+27 AS Nullable(Float64))))
  )
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT (
      y IS NULL
    )
) AS valued
JOIN flaghoist_q_means AS means
  ON valued.variation IS NOT DISTINCT FROM means.variation
GROUP BY
  valued.variation;

-- ===== average of units with events, within a window =====

-- lake_exposures_3_days stands for
SELECT flag, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, variation, version, treatment, rule, iteration, weight, attributes FROM file('/lake/{env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-26/exposures.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-27/exposures.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-28/exposures.parquet}', 'Parquet', 'flag Nullable(String), unit_kind Nullable(String), unit Nullable(UInt64), unit_key Nullable(String), kinds Nullable(String), position Nullable(Int64), created_at Nullable(Int64), by_creation Nullable(Bool), variation Nullable(Int16), version Nullable(Int64), treatment Nullable(String), rule Nullable(String), iteration Nullable(String), weight Nullable(Int64), attributes Nullable(String)');

-- lake_exposures_2_days stands for
SELECT flag, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, variation, version, treatment, rule, iteration, weight, attributes FROM file('/lake/{env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/exposures.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-29/exposures.parquet}', 'Parquet', 'flag Nullable(String), unit_kind Nullable(String), unit Nullable(UInt64), unit_key Nullable(String), kinds Nullable(String), position Nullable(Int64), created_at Nullable(Int64), by_creation Nullable(Bool), variation Nullable(Int16), version Nullable(Int64), treatment Nullable(String), rule Nullable(String), iteration Nullable(String), weight Nullable(Int64), attributes Nullable(String)');

-- ask
--   flag = 'checkout'
SELECT
  COALESCE(max(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_exposures_3_days AS whole_days
  WHERE
    flag = {flag:String}
  UNION ALL
  SELECT
    *
  FROM lake_exposures_2_days AS cut_days
  WHERE
    position >= 913397356953600000
    AND position < 914787768733794304
    AND flag = {flag:String}
) AS shown;

-- ask
--   counted_kind = 'org'
--   flag = 'checkout'
SELECT
  COUNT(*),
  COALESCE(max(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        CASE
          WHEN NOT (
            created_at IS NULL
          )
          THEN COALESCE(
            LEAST(
              GREATEST(created_at, (
                (
                  bitShiftRight(position, 22)
                ) + 1577836800000
              ) - 72000000),
              (
                (
                  bitShiftRight(position, 22)
                ) + 1577836800000
              ) + 300000
            ),
            (
              (
                bitShiftRight(position, 22)
              ) + 1577836800000
            )
          )
          ELSE (
            (
              bitShiftRight(position, 22)
            ) + 1577836800000
          )
        END
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_3_days AS whole_days
      WHERE
        flag = {flag:String}
      UNION ALL
      SELECT
        *
      FROM lake_exposures_2_days AS cut_days
      WHERE
        position >= 913397356953600000
        AND position < 914787768733794304
        AND flag = {flag:String}
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000 AND moment <= 1795867200000
) AS events
WHERE
  unit_kind = {counted_kind:String};

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
          WHEN NOT (
            created_at IS NULL
          )
          THEN COALESCE(
            LEAST(
              GREATEST(created_at, (
                (
                  bitShiftRight(position, 22)
                ) + 1577836800000
              ) - 72000000),
              (
                (
                  bitShiftRight(position, 22)
                ) + 1577836800000
              ) + 300000
            ),
            (
              (
                bitShiftRight(position, 22)
              ) + 1577836800000
            )
          )
          ELSE (
            (
              bitShiftRight(position, 22)
            ) + 1577836800000
          )
        END
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_3_days AS whole_days
      WHERE
        flag = {flag:String}
      UNION ALL
      SELECT
        *
      FROM lake_exposures_2_days AS cut_days
      WHERE
        position >= 913397356953600000
        AND position < 914787768733794304
        AND flag = {flag:String}
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000 AND moment <= 1795867200000
) AS events
WHERE
  unit_kind <> {counted_kind:String}
  AND unit_kind = splitByString(',', assumeNotNull(kinds))[1]
GROUP BY
  kinds;

-- keep flaghoist_q_shown
--   flag = 'checkout'
--   unit_kind = 'org'
SELECT
  unit,
  CAST(variation AS Nullable(Int16)) AS variation,
  weight,
  CAST(NULL AS Nullable(String)) AS slice,
  (bitShiftLeft(toInt128(moment), 80) + bitShiftLeft(toInt128(position), 16) + coalesce(variation, 0)) AS place
FROM (
  SELECT
    *
  FROM (
    SELECT
      *,
      (
        CASE
          WHEN NOT (
            created_at IS NULL
          )
          THEN COALESCE(
            LEAST(
              GREATEST(created_at, (
                (
                  bitShiftRight(position, 22)
                ) + 1577836800000
              ) - 72000000),
              (
                (
                  bitShiftRight(position, 22)
                ) + 1577836800000
              ) + 300000
            ),
            (
              (
                bitShiftRight(position, 22)
              ) + 1577836800000
            )
          )
          ELSE (
            (
              bitShiftRight(position, 22)
            ) + 1577836800000
          )
        END
      ) AS moment
    FROM (
      SELECT
        *
      FROM lake_exposures_3_days AS whole_days
      WHERE
        flag = {flag:String}
      UNION ALL
      SELECT
        *
      FROM lake_exposures_2_days AS cut_days
      WHERE
        position >= 913397356953600000
        AND position < 914787768733794304
        AND flag = {flag:String}
    ) AS shown
  ) AS timed
  WHERE
    moment >= 1795608000000 AND moment <= 1795867200000
) AS within_time
WHERE
  unit_kind = {unit_kind:String};

-- lake_outcomes_3_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM file('/lake/{env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-26/outcomes.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-27/outcomes.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-28/outcomes.parquet}', 'Parquet', 'kind Nullable(String), key Nullable(String), unit_kind Nullable(String), unit Nullable(UInt64), unit_key Nullable(String), kinds Nullable(String), position Nullable(Int64), created_at Nullable(Int64), by_creation Nullable(Bool), value Nullable(Float64), weight Nullable(Int64), url Nullable(String), properties Nullable(String), context Nullable(String)');

-- lake_outcomes_2_days stands for
SELECT kind, key, unit_kind, unit, unit_key, kinds, position, created_at, by_creation, value, weight, url, properties, context FROM file('/lake/{env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-25/outcomes.parquet,env=5eaf00d5eaf00d5eaf00d5ea/day=2026-11-29/outcomes.parquet}', 'Parquet', 'kind Nullable(String), key Nullable(String), unit_kind Nullable(String), unit Nullable(UInt64), unit_key Nullable(String), kinds Nullable(String), position Nullable(Int64), created_at Nullable(Int64), by_creation Nullable(Bool), value Nullable(Float64), weight Nullable(Int64), url Nullable(String), properties Nullable(String), context Nullable(String)');

-- ask
--   counted_kind = 'org'
--   key = 'bought "it\'s"\t\\ 100 %'
--   kind = 'custom'
SELECT
  COUNT(*),
  COALESCE(max(by_creation), FALSE)
FROM (
  SELECT
    *
  FROM lake_outcomes_3_days AS whole_days
  WHERE
    kind = {kind:String} AND key = {key:String}
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_2_days AS cut_days
  WHERE
    position >= 913397356953600000
    AND position < 914787768733794304
    AND kind = {kind:String}
    AND key = {key:String}
) AS events
WHERE
  unit_kind = {counted_kind:String};

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
    kind = {kind:String} AND key = {key:String}
  UNION ALL
  SELECT
    *
  FROM lake_outcomes_2_days AS cut_days
  WHERE
    position >= 913397356953600000
    AND position < 914787768733794304
    AND kind = {kind:String}
    AND key = {key:String}
) AS events
WHERE
  unit_kind <> {counted_kind:String}
  AND unit_kind = splitByString(',', assumeNotNull(kinds))[1]
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
  ) AS Nullable(Int8)) AS verdict
FROM (
  SELECT
    unit,
    position,
    value,
    created_at,
    (
      CASE
        WHEN NOT (
          created_at IS NULL
        )
        THEN COALESCE(
          LEAST(
            GREATEST(created_at, (
              (
                bitShiftRight(position, 22)
              ) + 1577836800000
            ) - 72000000),
            (
              (
                bitShiftRight(position, 22)
              ) + 1577836800000
            ) + 300000
          ),
          (
            (
              bitShiftRight(position, 22)
            ) + 1577836800000
          )
        )
        ELSE (
          (
            bitShiftRight(position, 22)
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
        kind = {kind:String} AND key = {key:String}
      UNION ALL
      SELECT
        *
      FROM lake_outcomes_2_days AS cut_days
      WHERE
        position >= 913397356953600000
        AND position < 914787768733794304
        AND kind = {kind:String}
        AND key = {key:String}
    ) AS events
    WHERE
      unit_kind = {unit_kind:String}
  ) AS of_kind
) AS timed
JOIN flaghoist_q_assigned AS assigned
  ON timed.unit = assigned.unit;

-- keep flaghoist_q_valued
WITH active AS (
  SELECT
    unit,
    COUNT(*) AS happened,
    SUM(toInt128(round(value * CAST(2.4178516392292583e+24 AS Nullable(Float64))))) AS total
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
    THEN CAST(NULL AS Nullable(Float64))
    ELSE (
      CASE
        WHEN active.total < 0
        THEN -(
          CAST(ABS(active.total) AS Nullable(Float64)) * CAST(4.1359030627651384e-25 AS Nullable(Float64))
        )
        ELSE CAST(ABS(active.total) AS Nullable(Float64)) * CAST(4.1359030627651384e-25 AS Nullable(Float64))
      END
    ) / active.happened
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
  SUM(toInt128(round(y * CAST(1.9342813113834067e+25 AS Nullable(Float64))))),
  MIN(y),
  MAX(y)
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT (
      y IS NULL
    )
) AS valued
GROUP BY
  variation;

-- ask
SELECT
  valued.variation AS variation,
  SUM(
    toInt128(round(((valued.y - means.mean_0) * (valued.y - means.mean_0)) * CAST(3.022314549036573e+23 AS Nullable(Float64))))
  )
FROM (
  SELECT
    *
  FROM flaghoist_q_valued AS valued
  WHERE
    NOT (
      y IS NULL
    )
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
