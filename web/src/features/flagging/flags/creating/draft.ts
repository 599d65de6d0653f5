// A flag as it is being written down, before the server knows of it.
import type { Schema } from '@/lib/api/client';
import { type Kind, problemsOf, typed } from '../values';

export interface VariationDraft {
  id: number;
  text: string;
  name: string;
}

export interface Draft {
  name: string;
  key: string;
  description: string;
  kind: Kind;
  variations: VariationDraft[];
  onVariation: number;
  offVariation: number;
  clients: string[];
  tags: string[];
  temporary: boolean;
}

export const KIND_WORDS: { value: Kind; label: string }[] = [
  { value: 'boolean', label: 'True or false' },
  { value: 'string', label: 'Text' },
  { value: 'number', label: 'Number' },
  { value: 'json', label: 'JSON' },
];

const BEGINNINGS: Record<Kind, string[]> = {
  boolean: ['true', 'false'],
  string: ['', ''],
  number: ['', ''],
  json: ['{}', ''],
};

let made = 0;

export function newVariation(text = ''): VariationDraft {
  made += 1;
  return { id: made, text, name: '' };
}

export function draftOf(kind: Kind): Draft {
  const variations = BEGINNINGS[kind].map((text) => newVariation(text));
  const empty = { name: '', key: '', description: '', clients: ['usingMobileKey'], tags: [], temporary: true };
  return { ...empty, kind, variations, onVariation: 0, offVariation: variations.length - 1 };
}

/** The same flag with values of another kind. */
export function withKind(draft: Draft, kind: Kind): Draft {
  if (kind === draft.kind) return draft;
  const { variations, onVariation, offVariation } = draftOf(kind);
  return { ...draft, kind, variations, onVariation, offVariation };
}

export function keyProblem(key: string): string | undefined {
  if (/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(key) && key.length <= 256) return undefined;
  return 'A letter or digit first, then letters, digits, “.”, “_” or “-”, at most 256 characters';
}

/** Whether it can be sent. */
export function isReady({ name, key, kind, variations }: Draft): boolean {
  const problems = problemsOf(
    kind,
    variations.map((each) => each.text),
  );
  return name.trim() !== '' && !keyProblem(key) && variations.length > 1 && problems.every((each) => !each);
}

/** What the API is sent. */
export function postOf(draft: Draft): Schema<'FlagPost'> {
  const { name, key, description, kind, tags, temporary, onVariation, offVariation } = draft;
  const variations = draft.variations.map(({ text, name: called }) => {
    const read = typed(kind, text);
    return { value: 'value' in read ? read.value : null, ...(called.trim() ? { name: called.trim() } : {}) };
  });
  const clientSideAvailability = {
    usingEnvironmentId: draft.clients.includes('usingEnvironmentId'),
    usingMobileKey: draft.clients.includes('usingMobileKey'),
  };
  const last = variations.length - 1;
  return {
    name: name.trim(),
    key,
    ...(description.trim() ? { description: description.trim() } : {}),
    variations,
    defaults: { onVariation: Math.min(onVariation, last), offVariation: Math.min(offVariation, last) },
    clientSideAvailability,
    tags,
    temporary,
  };
}
