// A long list, loaded page by page where it is looked at.
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { QuestionKey } from './questions';

export interface Page<Row> {
  items: Row[];
  totalCount: number;
}

export interface PagedList<Row> {
  /** How many rows there are in all; undefined until the first page is there. */
  total: number | undefined;
  /** A row by its place, or undefined while its page is on the way. */
  rowAt: (place: number) => Row | undefined;
  /** Tell which rows are in view. */
  show: (first: number, last: number) => void;
  isPending: boolean;
  error: Error | null;
}

/** Rows by place; only the pages in view are asked for, and what was shown stays until what is new is there. */
export function usePagedList<Row>(
  key: QuestionKey,
  fetchPage: (offset: number, limit: number) => Promise<Page<Row>>,
  pageSize = 50,
): PagedList<Row> {
  const [range, setRange] = useState({ first: 0, last: 0 });
  const pages = useMemo(() => {
    const from = Math.floor(range.first / pageSize);
    const to = Math.floor(range.last / pageSize);
    const wanted = new Set([0]);
    for (let page = from; page <= to; page += 1) wanted.add(page);
    return [...wanted].sort((one, other) => one - other);
  }, [range, pageSize]);

  const results = useQueries({
    queries: pages.map((page) => ({
      queryKey: [...key, { page, pageSize }],
      queryFn: () => fetchPage(page * pageSize, pageSize),
      placeholderData: keepPreviousData,
    })),
  });

  const byPage = new Map(pages.map((page, place) => [page, results[place]?.data?.items]));
  const show = useCallback((first: number, last: number) => {
    setRange((known) => (known.first === first && known.last === last ? known : { first, last }));
  }, []);
  return {
    total: results[0]?.data?.totalCount,
    rowAt: (place) => byPage.get(Math.floor(place / pageSize))?.[place % pageSize],
    show,
    isPending: results[0]?.isPending ?? true,
    error: results.find((each) => each.error)?.error ?? null,
  };
}
