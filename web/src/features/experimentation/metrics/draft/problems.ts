// What keeps a draft from being a metric, field by field, told while it is written.
import { typedValues } from './conditions';
import { type Draft, isNumeric, isOfEvents, mayBeCapped, mayBePercentile, type PageMatcher } from './draft';
import { expression, parsed } from './pages';

export type Problems = Record<string, string>;

const KEY = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,255}$/;
const UNIT_KIND = /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/;

/** Every problem by the name of its field; `isSelector` asks a browser whether a text is one. */
export function problemsOf(draft: Draft, isSelector: (text: string) => boolean): Problems {
  const found: Problems = {};
  if (!draft.name.trim()) found.name = 'Give the metric a name.';
  if (!KEY.test(draft.key)) {
    found.key = draft.key
      ? 'A key begins with a letter or digit and has only letters, digits, “.”, “_” and “-”.'
      : 'Give the metric a key.';
  }
  if (isOfEvents(draft.shape)) Object.assign(found, eventProblems(draft));
  else Object.assign(found, pageProblems(draft, isSelector));
  if (isNumeric(draft) && !draft.unit.trim()) found.unit = 'Say what the number measures, such as ms or EUR.';
  if (draft.analysisUnits.length === 0) found.analysisUnits = 'Choose at least one kind of context.';
  const odd = draft.analysisUnits.find((kind) => !UNIT_KIND.test(kind) || kind === 'kind' || kind === 'multi');
  if (odd) found.analysisUnits = `“${odd}” cannot be a kind of context.`;
  return { ...found, ...analysisProblems(draft), ...conditionProblems(draft) };
}

/** What is wrong with a matcher of pages, or nothing. */
export function pageProblem({ kind, text }: Pick<PageMatcher, 'kind' | 'text'>): string | undefined {
  if (!text.trim()) return kind === 'regex' ? 'Write an expression.' : 'Write an address, or a part of one.';
  if (kind === 'regex') {
    const compiled = expression(text);
    return typeof compiled === 'string' ? compiled : undefined;
  }
  if (kind === 'substring') return undefined;
  if (!parsed(text)) return 'Write the whole address, beginning with https://.';
  const has = parsed(text);
  if (kind === 'canonical' && (has?.search || has?.hash)) {
    return 'Leave out everything from ? or # on: it is not compared.';
  }
  return undefined;
}

function eventProblems({ eventKey, shape, bottomEventKey }: Draft): Problems {
  const found: Problems = {};
  if (!eventKey) found.eventKey = 'Name the event that your code sends.';
  else if (eventKey !== eventKey.trim())
    found.eventKey = 'The key begins or ends with a space; SDKs would have to send it so.';
  if (shape === 'ratio' && !bottomEventKey) found.bottomEventKey = 'Name the event to divide by.';
  return found;
}

function pageProblems({ shape, selector, pages }: Draft, isSelector: (text: string) => boolean): Problems {
  const found: Problems = {};
  if (shape === 'click' && !selector.trim()) found.selector = 'Write the CSS selector of what is clicked.';
  else if (shape === 'click' && !isSelector(selector)) found.selector = 'Browsers do not take this for a CSS selector.';
  if (pages.length === 0) found.pages = 'Name at least one page.';
  for (const page of pages) {
    const problem = pageProblem(page);
    if (problem) found[`page ${page.id}`] = problem;
  }
  return found;
}

function analysisProblems(draft: Draft): Problems {
  const { percentile, windowStart, windowEnd, winsorLower, winsorUpper } = draft;
  const found: Problems = {};
  if (mayBePercentile(draft) && percentile !== null && !(percentile >= 0 && percentile <= 100)) {
    found.percentile = 'A percentile lies between 0 and 100.';
  }
  if (windowStart !== null && windowStart < 0) found.windowStart = 'A window begins with the first exposure or later.';
  if (windowEnd !== null && windowEnd <= (windowStart ?? 0)) found.windowEnd = 'The window must end after it begins.';
  if (!mayBeCapped(draft)) return found;
  for (const [name, value] of Object.entries({ winsorLower, winsorUpper })) {
    if (value !== null && !(value > 0 && value < 100)) found[name] = 'Choose a percentile between 0 and 100.';
  }
  if (winsorLower !== null && winsorUpper !== null && winsorLower >= winsorUpper) {
    found.winsorUpper = 'The upper percentile must be more than the lower.';
  }
  return found;
}

function conditionProblems({ conditions, shape }: Draft): Problems {
  const found: Problems = {};
  if (!isOfEvents(shape)) return found;
  for (const { id, attribute, op, values } of conditions ?? []) {
    if (!attribute.trim()) found[`condition ${id}`] = 'Name what to look at.';
    else if (typedValues(values).length === 0) found[`condition ${id}`] = 'Give at least one value to compare with.';
    else if (op === 'matches') {
      const wrong = typedValues(values)
        .map((each) => expression(String(each)))
        .find((each) => typeof each === 'string');
      if (wrong) found[`condition ${id}`] = String(wrong);
    }
  }
  return found;
}
