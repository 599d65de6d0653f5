// What is believed of each treatment's value, drawn as densities on one scale.
import { Text } from '@mantine/core';
import { beliefScale, densityPath } from './density';
import classes from './results.module.css';
import { across, ticksOf } from './scale';
import type { Results, Treatment } from './shapes';
import { standingOf } from './standing';
import { ranged, valued } from './wording';

const HEIGHT = 44;

export function Beliefs({ results, treatments }: { results: Results; treatments: readonly Treatment[] }) {
  const scale = beliefScale(treatments);
  if (!scale) return null;
  const ticks = ticksOf(scale, 5);
  return (
    <div>
      <Text size="sm" c="dimmed" mb={6}>
        What is believed of each treatment’s value: the higher the curve, the more probable the value.
      </Text>
      {treatments.map((each) => (
        <div key={each.treatmentId}>
          <Text size="sm">
            {each.treatmentName}
            {each.baseline ? ', the baseline' : ''}
          </Text>
          <svg
            className={`${classes.plot} ${each.baseline ? classes.muted : classes[standingOf(each, results).mark]}`}
            height={HEIGHT}
            role="img"
            aria-label={`Belief about “${each.treatmentName}”: ${valued(each.mean, results)}, credible interval ${ranged(each.credibleInterval, results) ?? 'not known'}`}
          >
            {ticks.map((tick) => (
              <line
                key={tick}
                className={classes.gridline}
                x1={`${100 * across(scale, tick)}%`}
                x2={`${100 * across(scale, tick)}%`}
                y1={0}
                y2={HEIGHT}
              />
            ))}
            <svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height={HEIGHT} aria-hidden>
              <path className={classes.density} d={densityPath(each, scale)} />
            </svg>
          </svg>
        </div>
      ))}
      <svg className={classes.plot} height={20} aria-hidden>
        {ticks.map((tick) => (
          <text key={tick} className={classes.tick} x={`${100 * across(scale, tick)}%`} y={14} textAnchor="middle">
            {valued(tick, results)}
          </text>
        ))}
      </svg>
    </div>
  );
}
