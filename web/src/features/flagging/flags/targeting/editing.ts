// What is being edited: the server's state, somebody's changes upon it, and what is to be said about both.
import { createContext, useCallback, useContext, useEffect, useState } from 'react';
import type { Deed } from '@/lib/may';
import type { Variation } from '../values';
import { type Draft, same, sameDraft } from './model/draft';
import { merged, overlaps } from './model/merging';
import type { RunningExperiment } from './questions';

interface Edit {
  /** What the server said when the first change was made. */
  base: Draft;
  draft: Draft;
}

export interface Edited {
  draft: Draft;
  base: Draft;
  isChanged: boolean;
  /** Somebody else has saved something meanwhile. */
  isOvertaken: boolean;
  overlapping: string[];
  change: (edit: (draft: Draft) => Draft) => void;
  discard: () => void;
  /** Put my changes upon what the others have saved. */
  keepMine: () => void;
}

// Changes not yet saved outlive a look at another tab or environment, as long as this page is open.
const kept = new Map<string, Edit>();

/** Somebody's changes upon what the server says, which may itself change meanwhile. */
export function useEdited(name: string, theirs: Draft): Edited {
  const [edit, setEdit] = useState<Edit | undefined>(() => kept.get(name));
  useEffect(() => {
    if (edit) kept.set(name, edit);
    else kept.delete(name);
  }, [name, edit]);
  useWarnedOfLeaving(edit !== undefined);
  const isOvertaken = edit !== undefined && !sameDraft(edit.base, theirs);
  const change = useCallback(
    (how: (draft: Draft) => Draft) =>
      setEdit((known) => {
        const base = known?.base ?? theirs;
        const draft = how(known?.draft ?? theirs);
        return sameDraft(base, draft) ? undefined : { base, draft };
      }),
    [theirs],
  );
  const put = (base: Draft, draft: Draft) => setEdit(sameDraft(base, draft) ? undefined : { base, draft });
  return {
    draft: edit?.draft ?? theirs,
    base: edit?.base ?? theirs,
    isChanged: edit !== undefined,
    isOvertaken,
    overlapping: isOvertaken ? overlaps(edit.base, edit.draft, theirs) : [],
    change,
    discard: () => setEdit(undefined),
    keepMine: () => edit && put(theirs, merged(edit.base, edit.draft, theirs)),
  };
}

function useWarnedOfLeaving(isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isChanged]);
}

/** What stays the same while somebody types. */
export interface Editing {
  projectKey: string;
  environmentKey: string;
  environmentName: string;
  flagKey: string;
  change: Edited['change'];
  variations: Variation[];
  nameOf: (variationId: string) => string;
  /** What an action here is called when asked about. */
  deed: (action: string) => Deed;
  /** The experiment that holds on to a rule, or to `fallthrough`. */
  experimentAt: (place: string) => RunningExperiment | undefined;
  contextKinds: string[];
  attributes: string[];
}

export const EditingContext = createContext<Editing | undefined>(undefined);

export function useEditing(): Editing {
  const editing = useContext(EditingContext);
  if (!editing) throw new Error('this belongs inside the targeting editor');
  return editing;
}

/** For `memo`: a part is drawn anew only if something in it is another now, warnings by what they say. */
export function isSteady<Props extends object>(before: Props, after: Props): boolean {
  const names = Object.keys(after) as (keyof Props & string)[];
  return names.every(
    (name) => before[name] === after[name] || (name === 'warnings' && same(before[name], after[name])),
  );
}
