// The one road to the server: typed by its own description, with the session's token on every write.
import createClient, { type Middleware } from 'openapi-fetch';
import { ApiError } from './errors';
import type { components, paths } from './schema';

/** A shape of the API by its name in the description: `Schema<'FlagRep'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

export const SEMANTIC_PATCH = 'application/json; domain-model=launchdarkly.semanticpatch';

let csrfToken = '';
let onSessionEnded: () => void = () => {};

/** Tell the client the token that belongs to the session's cookie. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Say what happens when the server no longer knows the session. */
export function whenSessionEnds(act: () => void): void {
  onSessionEnded = act;
}

const session: Middleware = {
  onRequest({ request }) {
    request.headers.set('LD-API-Version', 'beta');
    if (request.method !== 'GET' && csrfToken) request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
  onResponse({ request, response }) {
    const isSigningIn = request.method === 'POST' && new URL(request.url).pathname.startsWith('/internal/session');
    if (response.status === 401 && !isSigningIn) onSessionEnded();
    return response;
  },
};

export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? 'http://localhost' });
api.use(session);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** What was answered; throws `ApiError` when the server refuses or cannot be reached. */
export async function answered<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'unreachable', 'The server cannot be reached. Check the network; this page tries again.');
  }
  const { data, error, response } = answer;
  if (!response.ok) throw ApiError.of(response.status, error, response.headers.get('retry-after'));
  return data as T;
}
