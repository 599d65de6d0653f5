// May the person who is signed in do that, and if not, why? Answered by the policy that guards the act itself.
import { useQuery } from '@tanstack/react-query';
import { answered, api } from './api/client';

export interface Deed {
  action: string;
  /** An address of the policy language: `proj/web:env/production:flag/checkout`. */
  resource: string;
}

export interface Verdict {
  allowed: boolean;
  /** Why not, in words; also while the answer is awaited. */
  reason?: string;
}

const AWAITED: Verdict = { allowed: false, reason: 'Checking whether you may do this' };

/** The verdict on one deed; nothing to check (`undefined`) is allowed. */
export function useMay(deed: Deed | undefined): Verdict {
  const { data, error } = useQuery({
    queryKey: ['may', null, deed?.action, deed?.resource] as const,
    queryFn: () => together(deed as Deed),
    enabled: deed !== undefined,
    staleTime: 5 * 60_000,
  });
  if (!deed) return { allowed: true };
  if (error) return { allowed: true }; // the server decides in any case
  return data ?? AWAITED;
}

/** Whether all of some deeds are allowed; the first refusal says why not. */
export function useMayAll(deeds: Deed[]): Verdict {
  const { data, error } = useQuery({
    queryKey: ['may', null, 'all', deeds.map((deed) => `${deed.action} ${deed.resource}`).join('\n')] as const,
    queryFn: async () => Promise.all(deeds.map((deed) => together(deed))),
    enabled: deeds.length > 0,
    staleTime: 5 * 60_000,
  });
  if (deeds.length === 0 || error) return { allowed: true };
  if (!data) return AWAITED;
  return data.find((each) => !each.allowed) ?? { allowed: true };
}

interface Waiting {
  deed: Deed;
  settle: (verdict: Verdict) => void;
  fail: (cause: unknown) => void;
}

let waiting: Waiting[] = [];

/** Ask about everything that is wanted in this moment at once. */
function together(deed: Deed): Promise<Verdict> {
  return new Promise((settle, fail) => {
    if (waiting.length === 0) setTimeout(ask, 5);
    waiting.push({ deed, settle, fail });
  });
}

async function ask(): Promise<void> {
  const asked = waiting;
  waiting = [];
  try {
    const questions = asked.map(({ deed }) => deed);
    const { answers } = await answered(api.POST('/internal/may', { body: { questions } }));
    asked.forEach(({ settle }, place) => {
      const answer = answers[place];
      settle({ allowed: answer?.allowed ?? false, reason: answer?.reason });
    });
  } catch (cause) {
    for (const { fail } of asked) fail(cause);
  }
}
