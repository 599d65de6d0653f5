// Who gets what part of an experiment: whole percentages that always add up to 100.

/** As equal as whole percentages allow; the first get what is left over. */
export function evenly(treatments: number): number[] {
  if (treatments < 1) return [];
  const share = Math.floor(100 / treatments);
  return Array.from({ length: treatments }, (_, place) => share + (place < 100 - share * treatments ? 1 : 0));
}

/** The shares after one of them is set; the others keep their proportions and make up the rest (largest remainder). */
export function withShare(shares: number[], place: number, share: number): number[] {
  if (shares.length < 2) return [100];
  const wanted = Math.min(100, Math.max(0, Math.round(share)));
  const others = shares.reduce((sum, each, at) => (at === place ? sum : sum + each), 0);
  const rest = 100 - wanted;
  const quotas = shares.map((each, at) => {
    if (at === place) return wanted;
    return others > 0 ? (each * rest) / others : rest / (shares.length - 1);
  });
  const floors = quotas.map(Math.floor);
  let missing = 100 - floors.reduce((sum, each) => sum + each, 0);
  const byRemainder = quotas
    .map((quota, at) => ({ at, remainder: quota - Math.floor(quota) }))
    .filter(({ at }) => at !== place)
    .sort((one, other) => other.remainder - one.remainder);
  for (const { at } of byRemainder) {
    if (missing <= 0) break;
    floors[at] = (floors[at] ?? 0) + 1;
    missing -= 1;
  }
  return floors;
}

/** What the API calls allocation: each share of the part of the audience that is in the experiment, as text. */
export function allocations(shares: number[], audience: number): string[] {
  return shares.map((share) => String(Number(((share * audience) / 100).toFixed(4))));
}

/** The shares and the audience behind allocations. */
export function sharesOf(percents: string[]): { shares: number[]; audience: number } {
  const numbers = percents.map(Number);
  const total = numbers.reduce((sum, each) => sum + each, 0);
  if (total <= 0) return { shares: evenly(percents.length), audience: 0 };
  let shares = numbers.map((each) => Math.round((each / total) * 100));
  const drift = 100 - shares.reduce((sum, each) => sum + each, 0);
  if (drift !== 0) {
    const largest = shares.indexOf(Math.max(...shares));
    shares = shares.map((each, at) => (at === largest ? each + drift : each));
  }
  return { shares, audience: Number(total.toFixed(4)) };
}
