// What the server says when it refuses: a code to act on and a message to read.

export class ApiError extends Error {
  /** `status` is 0 when there was no answer at all; `retryAfter` counts seconds. */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfter?: number,
  ) {
    super(message);
  }

  static of(status: number, body: unknown, retryAfter: string | null): ApiError {
    const told = typeof body === 'object' && body !== null ? (body as { code?: unknown; message?: unknown }) : {};
    const message = typeof told.message === 'string' ? told.message : `The server answered ${status}.`;
    const code = typeof told.code === 'string' ? told.code : String(status);
    return new ApiError(status, code, message, retryAfter ? Number(retryAfter) : undefined);
  }
}

/** Words for any failure. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
