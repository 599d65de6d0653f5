// The shape of what is believed of a treatment, ready to be drawn.
import { across, type Scale } from './scale';
import type { Treatment } from './shapes';

const POINTS = 81;
const REACH = 4;

interface Belief {
  mean: number;
  spread: number;
  logDensity: (at: number) => number;
}

/** Mean, spread and density of a belief; nothing where none is served. */
export function beliefOf(treatment: Treatment): Belief | undefined {
  const distribution = treatment.distribution;
  if (!distribution) return undefined;
  const { mu = 0, sigma = 1, alpha = 1, beta = 1 } = distribution.parameters;
  if (distribution.kind === 'normal') {
    return { mean: mu, spread: sigma, logDensity: (at) => -(((at - mu) / sigma) ** 2) / 2 };
  }
  const total = alpha + beta;
  const mean = alpha / total;
  const spread = Math.sqrt((mean * (1 - mean)) / (total + 1));
  const logDensity = (at: number) =>
    at <= 0 || at >= 1 ? Number.NEGATIVE_INFINITY : (alpha - 1) * Math.log(at) + (beta - 1) * Math.log1p(-at);
  return { mean, spread, logDensity };
}

/** A scale on which all these beliefs can be told apart. */
export function beliefScale(treatments: readonly Treatment[]): Scale | undefined {
  const beliefs = treatments.map(beliefOf).filter((each) => each !== undefined);
  if (beliefs.length === 0) return undefined;
  const from = Math.min(...beliefs.map(({ mean, spread }) => mean - REACH * spread));
  const to = Math.max(...beliefs.map(({ mean, spread }) => mean + REACH * spread));
  const isShare = treatments.some((each) => each.distribution?.kind === 'beta');
  return isShare ? { from: Math.max(0, from), to: Math.min(1, to) } : { from, to };
}

/** An SVG path over a box of 100 by 100; its peak touches the top. */
export function densityPath(treatment: Treatment, scale: Scale): string {
  const belief = beliefOf(treatment);
  if (!belief) return '';
  const { mean, spread } = belief;
  const low = Math.max(scale.from, mean - REACH * spread);
  const high = Math.min(scale.to, mean + REACH * spread);
  const at = Array.from({ length: POINTS }, (_, place) => low + ((high - low) * place) / (POINTS - 1));
  const logarithms = at.map(belief.logDensity);
  const peak = Math.max(...logarithms);
  const points = at.map((each, place) => {
    const height = Math.exp((logarithms[place] ?? peak) - peak);
    return `${(100 * across(scale, each)).toFixed(2)},${(100 - 96 * height).toFixed(2)}`;
  });
  const [first, last] = [low, high].map((each) => (100 * across(scale, each)).toFixed(2));
  return `M${first},100L${points.join('L')}L${last},100Z`;
}
