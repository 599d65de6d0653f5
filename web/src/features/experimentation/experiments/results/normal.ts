// The normal distribution's quantiles.

/** The value that a standard normal number stays below with probability `p`, found by halving. */
export function quantile(p: number): number {
  let low = -9;
  let high = 9;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (below(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Marsaglia's series for the cumulative distribution (Journal of Statistical Software 11, 2004). */
function below(z: number): number {
  if (z < -8 || z > 8) return z < 0 ? 0 : 1;
  let sum = z;
  let term = z;
  for (let odd = 3; Math.abs(term) > 1e-17; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-(z * z) / 2)) / Math.sqrt(2 * Math.PI);
}
