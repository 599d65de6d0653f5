// A question's answer on the page: waiting, failed, or there.
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure, Waiting } from './Notices';

interface Props<T> {
  of: UseQueryResult<T>;
  /** What is being loaded: "the flags". */
  what: string;
  lines?: number;
  children: (data: T) => ReactNode;
}

/** Shows what is known as soon as it is; a failure shows only where there is nothing older to show. */
export function Answer<T>({ of, what, lines, children }: Props<T>) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) return <Failure error={of.error} doing={`load ${what}`} onRetry={() => void of.refetch()} />;
  return <Waiting what={what} lines={lines} />;
}
