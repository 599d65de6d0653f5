// An estimate and its interval on a scale: a point, a bar, and zero.

import classes from './results.module.css';
import { across, isBeyond, type Scale, ticksOf } from './scale';
import type { Estimate } from './shapes';
import { changed, changedWithin } from './wording';

export type Mark = 'good' | 'bad' | 'open' | 'muted';

interface Props {
  estimate: Estimate;
  scale: Scale;
  mark: Mark;
  /** Whose difference this is. */
  of: string;
}

const HEIGHT = 28;
const TICKS_MOST = 6;

export function Interval({ estimate, scale, mark, of }: Props) {
  const { value, lower, upper } = estimate;
  const said =
    value === undefined
      ? 'not known'
      : [changed(estimate), changedWithin(estimate)].filter(Boolean).join(', interval ');
  return (
    <svg
      className={`${classes.plot} ${classes[mark]}`}
      height={HEIGHT}
      role="img"
      aria-label={`Difference of ${of} from the baseline: ${said}`}
    >
      <Grid scale={scale} height={HEIGHT} />
      {value !== undefined && (
        <>
          <line
            className={classes.bar}
            x1={share(scale, lower ?? scale.from)}
            x2={share(scale, upper ?? scale.to)}
            y1={HEIGHT / 2}
            y2={HEIGHT / 2}
          />
          {isBeyond(scale, lower) && <Beyond at="0%" points="0,0 8,-6 8,6" />}
          {isBeyond(scale, upper) && <Beyond at="100%" points="0,0 -8,-6 -8,6" />}
          <circle className={classes.point} cx={share(scale, value)} cy={HEIGHT / 2} r={7} />
        </>
      )}
    </svg>
  );
}

/** The numbers along the scale. */
export function Axis({ scale }: { scale: Scale }) {
  return (
    <svg className={classes.plot} height={20} aria-hidden>
      {ticksOf(scale, TICKS_MOST).map((tick) => (
        <text key={tick} className={classes.tick} x={share(scale, tick)} y={14} textAnchor="middle">
          {tick === 0 ? '0' : changed({ value: tick, lower: scale.from, upper: scale.to }).replace('.0%', '%')}
        </text>
      ))}
    </svg>
  );
}

function Grid({ scale, height }: { scale: Scale; height: number }) {
  return ticksOf(scale, TICKS_MOST).map((tick) => (
    <line
      key={tick}
      className={tick === 0 ? classes.zero : classes.gridline}
      x1={share(scale, tick)}
      x2={share(scale, tick)}
      y1={0}
      y2={height}
    />
  ));
}

/** An arrow: the interval goes on beyond what is drawn. */
function Beyond({ at, points }: { at: string; points: string }) {
  return (
    <svg x={at} y={HEIGHT / 2} overflow="visible" aria-hidden>
      <polygon className={classes.end} points={points} />
    </svg>
  );
}

function share(scale: Scale, value: number): string {
  return `${(100 * across(scale, value)).toFixed(2)}%`;
}
