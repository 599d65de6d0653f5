// What the page keeps in its address, so that a link shows a colleague the same.

export interface ResultsSearch {
  /** The id of an iteration; the current one without it. */
  iteration?: string;
  /** The key of the metric shown in detail; the deciding one without it. */
  metric?: string;
  /** The attribute by which units are parted. */
  attribute?: string;
}

/** To be spread into the search of the page that holds the results. */
export function resultsSearch(raw: Record<string, unknown>): ResultsSearch {
  return { iteration: text(raw.iteration), metric: text(raw.metric), attribute: text(raw.attribute) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
