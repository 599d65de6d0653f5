// Whether a page is one that a metric waits for, as SDKs in browsers decide it.
import type { PageMatcher } from './draft';

/**
 * SDKs compare exact addresses whole, the others without the query; the part after # counts for substrings and
 * expressions only if it has a slash in it, as the routes of single-page applications have.
 */
export function matchesPage({ kind, text }: Pick<PageMatcher, 'kind' | 'text'>, address: string): boolean {
  const page = parsed(address);
  if (!page || text === '') return false;
  const keepsHash = (kind === 'substring' || kind === 'regex') && page.hash.includes('/');
  const plain = (keepsHash ? page.href : page.href.replace(page.hash, '')).replace(page.search, '');
  if (kind === 'exact') return withoutSlash(page.href) === withoutSlash(text);
  if (kind === 'canonical') return withoutSlash(plain) === withoutSlash(text);
  if (kind === 'substring') return plain.includes(text);
  const pattern = expression(text);
  return pattern instanceof RegExp && pattern.test(plain);
}

/** The expression, or what is wrong with it. */
export function expression(text: string): RegExp | string {
  try {
    return new RegExp(text);
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** An address as a browser has it, or nothing while it is none. */
export function parsed(address: string): URL | null {
  try {
    return new URL(address.trim());
  } catch {
    return null;
  }
}

function withoutSlash(address: string): string {
  return address.endsWith('/') ? address.slice(0, -1) : address;
}
