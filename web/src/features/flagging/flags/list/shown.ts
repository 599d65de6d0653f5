// Which environments' switches are shown: as the URL says, else as last chosen here, else the one at hand.
import { useMemo } from 'react';
import { remember, remembered } from '@/lib/remembered';
import { listOf } from './search';

export const SHOWN_MAX = 4;

export function useShown(
  projectKey: string,
  environmentKey: string,
  fromUrl: string | undefined,
  putInUrl: (keys: string | undefined) => void,
): [string[], (keys: string[]) => void] {
  const shown = useMemo(() => {
    const chosen = fromUrl ? listOf(fromUrl) : remembered<string[]>(nameOf(projectKey), []);
    return (chosen.length > 0 ? chosen : [environmentKey]).slice(0, SHOWN_MAX);
  }, [projectKey, environmentKey, fromUrl]);
  const choose = (keys: string[]) => {
    remember(nameOf(projectKey), keys);
    putInUrl(keys.length > 0 ? keys.join(',') : undefined);
  };
  return [shown, choose];
}

const nameOf = (projectKey: string) => `flags.shown.${projectKey}`;
