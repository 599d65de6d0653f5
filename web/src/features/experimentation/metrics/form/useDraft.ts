// A draft while it is written: what it says, and which of its problems to tell already.
import { useCallback, useMemo, useState } from 'react';
import { type Draft, isOfEvents } from '../draft/draft';
import { type Problems, problemsOf } from '../draft/problems';
import { isSelector } from './selectors';

export interface Writing {
  draft: Draft;
  change: (changed: Partial<Draft>) => void;
  /** What to say at a field; nothing before somebody has been there. */
  told: (field: string) => string | undefined;
  /** Somebody has left a field. */
  leave: (field: string) => void;
  /** All problems; from now on every one is told. */
  tellAll: () => Problems;
}

export function useDraft(beginning: Draft): Writing {
  const [draft, setDraft] = useState(beginning);
  const [visited, setVisited] = useState<ReadonlySet<string>>(new Set());
  const [tellsAll, setTellsAll] = useState(false);
  const problems = useMemo(() => problemsOf(draft, isSelector), [draft]);

  const change = useCallback((changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed })), []);
  const leave = useCallback((field: string) => setVisited((before) => new Set(before).add(field)), []);
  const tellAll = () => {
    setTellsAll(true);
    return problems;
  };
  const told = (field: string) => (tellsAll || visited.has(field) ? problems[field] : undefined);
  return { draft, change, told, leave, tellAll };
}

/** The id of a field's control: where focus goes when something is wrong with it. */
export const fieldId = (field: string) => `metric-${field.replace(/\W/g, '-')}`;

/** Bring the first field that has a problem into view, in the order of the page. */
export function focusFirst(problems: Problems, { shape }: Draft): void {
  const names = Object.keys(problems);
  const event = isOfEvents(shape) ? ['eventKey', 'bottomEventKey'] : ['selector', 'pages'];
  const order = [...event, ...names.filter((name) => /^(page|condition) /.test(name)), 'name', 'key', ...names];
  const first = order.find((name) => problems[name]);
  if (first) document.getElementById(fieldId(first))?.focus();
}
