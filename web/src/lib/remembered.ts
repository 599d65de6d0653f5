// What this browser remembers between visits; never anything secret.
import { useCallback, useState } from 'react';

/** A value kept under a name; broken or missing storage means the beginning value. */
export function remembered<T>(name: string, beginning: T): T {
  try {
    const kept = localStorage.getItem(`flaghoist.${name}`);
    return kept === null ? beginning : (JSON.parse(kept) as T);
  } catch {
    return beginning;
  }
}

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(`flaghoist.${name}`, JSON.stringify(value));
  } catch {
    // a full or forbidden storage only costs the convenience
  }
}

/** State that survives a reload. */
export function useRemembered<T>(name: string, beginning: T): [T, (value: T) => void] {
  const [value, setValue] = useState(() => remembered(name, beginning));
  const change = useCallback(
    (next: T) => {
      setValue(next);
      remember(name, next);
    },
    [name],
  );
  return [value, change];
}
