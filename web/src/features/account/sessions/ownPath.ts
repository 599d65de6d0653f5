// Where to go on after signing in: a path of this console, whatever the address bar says.

/** The path if it leads into this console, else the first page. */
export function ownPath(given: unknown): string {
  if (typeof given !== 'string' || !given.startsWith('/')) return '/';
  const here = 'http://here.invalid';
  try {
    const url = new URL(given, here);
    const isOurs = url.origin === here && !url.pathname.startsWith('//') && url.pathname !== '/sign-in';
    return isOurs ? url.pathname + url.search + url.hash : '/';
  } catch {
    return '/';
  }
}
