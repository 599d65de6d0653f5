// What a metric will measure, in a sentence or two that a colleague understands.
import { type Draft, isOfEvents, mayBeCapped, mayLeaveOut, type PageMatcher } from './draft';
import { ordinal } from './shapes';

/** “Share of users who send “signup” at least once. Higher is better.” */
export function meaningOf(draft: Draft): string[] {
  return [`${measured(draft)}.`, direction(draft), ...details(draft)].filter(Boolean);
}

/** The word for some of a kind of context: users, organizations. */
export function plural(kind: string): string {
  if (/(s|x|ch|sh)$/.test(kind)) return `${kind}es`;
  return /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}

function measured(draft: Draft): string {
  const unit = draft.analysisUnits[0] ?? 'user';
  const event = quoted(draft.eventKey);
  const numbers = draft.unit.trim() ? `the numbers (${draft.unit.trim()})` : 'the numbers';
  switch (draft.shape) {
    case 'conversion':
      return `Share of ${plural(unit)} who send ${event || 'the event'} at least once`;
    case 'count':
      return `${compared(draft)} per ${unit} of the number of their ${event} events`.replace('  ', ' ');
    case 'total':
      return `${compared(draft)} per ${unit} of the sum of ${numbers} in their ${event} events`.replace('  ', ' ');
    case 'average':
      return `${compared(draft)} per ${unit} of the average of ${numbers} in their ${event} events`.replace('  ', ' ');
    case 'ratio':
      return `${capital(added(draft.topIsNumeric, event, numbers))}, divided by ${added(draft.bottomIsNumeric, quoted(draft.bottomEventKey), 'the numbers')}, over all ${plural(unit)}`;
    case 'click':
      return draft.countsTimes
        ? `Mean number of clicks per ${unit} on ${quoted(draft.selector) || 'the element'} on ${pagesWords(draft.pages)}`
        : `Share of ${plural(unit)} who click ${quoted(draft.selector) || 'the element'} on ${pagesWords(draft.pages)}`;
    case 'pageview':
      return draft.countsTimes
        ? `Mean number of visits per ${unit} to ${pagesWords(draft.pages)}`
        : `Share of ${plural(unit)} who visit ${pagesWords(draft.pages)}`;
  }
}

function direction(draft: Draft): string {
  return isOfEvents(draft.shape) && !draft.higherIsBetter ? 'Lower is better.' : 'Higher is better.';
}

function details(draft: Draft): string[] {
  const unit = draft.analysisUnits[0] ?? 'user';
  const said: string[] = [];
  if (draft.shape === 'count' || draft.shape === 'total' || draft.shape === 'average') {
    const leavesOut = !mayLeaveOut(draft) || draft.leavesOutAbsent;
    said.push(
      leavesOut
        ? `${capital(plural(unit))} without an event are left out.`
        : `${capital(plural(unit))} without an event count as 0.`,
    );
  }
  const count = draft.conditions?.length ?? 0;
  if (isOfEvents(draft.shape) && count > 0) {
    said.push(
      `Only events that meet ${count === 1 ? 'the condition' : `${draft.conditionsJoin === 'or' ? 'any' : 'all'} of the ${count} conditions`} count.`,
    );
  }
  if (draft.windowStart !== null || draft.windowEnd !== null) said.push(windowWords(draft));
  if (mayBeCapped(draft) && draft.winsorUpper !== null) {
    said.push(`Values above the ${ordinal(draft.winsorUpper)} percentile are brought down to it.`);
  }
  if (draft.analysisUnits.length > 1) {
    said.push(`Experiments on ${draft.analysisUnits.map(plural).join(' or ')} may use it.`);
  }
  return said;
}

function compared({ percentile }: Draft): string {
  return percentile === null ? 'Mean' : `${ordinal(percentile)} percentile`;
}

function added(isNumeric: boolean, event: string, numbers: string): string {
  return (isNumeric ? `the sum of ${numbers} in ${event} events` : `the number of ${event} events`).replace('  ', ' ');
}

function pagesWords(pages: PageMatcher[]): string {
  const named = pages.filter(({ text }) => text.trim());
  if (named.length === 0) return 'the pages below';
  const words = named.map(({ kind, text }) => {
    if (kind === 'substring') return `pages whose address contains “${text}”`;
    return kind === 'regex' ? `pages whose address matches ${text}` : text;
  });
  return words.join(', or ');
}

function windowWords({ windowStart, windowEnd }: Draft): string {
  const from = windowStart ? `from ${hoursWords(windowStart)} after` : 'from';
  const to = windowEnd === null ? 'on' : `until ${hoursWords(windowEnd)} after it`;
  return `Events count ${from} the first exposure ${to}.`;
}

function hoursWords(hours: number): string {
  if (hours % 24 === 0) return `${hours / 24} ${hours === 24 ? 'day' : 'days'}`;
  return `${hours} ${hours === 1 ? 'hour' : 'hours'}`;
}

function quoted(text: string): string {
  return text.trim() ? `“${text.trim()}”` : '';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
