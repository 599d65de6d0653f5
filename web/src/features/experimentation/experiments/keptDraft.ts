// The draft of an experiment survives a reload, in this tab, until it is created or thrown away.
import { useCallback, useEffect, useState } from 'react';
import { type Draft, EMPTY } from './draft';
import type { Place } from './paths';

export interface KeptDraft {
  draft: Draft;
  change: (next: Partial<Draft>) => void;
  discard: () => void;
  /** Whether it was there when the page was opened. */
  wasKept: boolean;
}

export function useKeptDraft(place: Place): KeptDraft {
  const name = `flaghoist.experiment-draft.${place.projectKey}.${place.environmentKey}`;
  const [kept] = useState(() => read(name));
  const [draft, setDraft] = useState<Draft>(kept ?? EMPTY);
  useEffect(() => write(name, draft), [name, draft]);
  const change = useCallback((next: Partial<Draft>) => setDraft((before) => ({ ...before, ...next })), []);
  const discard = useCallback(() => {
    setDraft(EMPTY);
    write(name, EMPTY);
  }, [name]);
  return { draft, change, discard, wasKept: kept !== undefined };
}

function read(name: string): Draft | undefined {
  try {
    const text = sessionStorage.getItem(name);
    return text ? { ...EMPTY, ...(JSON.parse(text) as Partial<Draft>) } : undefined;
  } catch {
    return undefined;
  }
}

function write(name: string, draft: Draft): void {
  try {
    if (draft === EMPTY) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(draft));
  } catch {
    // without storage the draft lasts as long as the page
  }
}
