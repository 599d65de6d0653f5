// How long until one may try again, in words that count down.

/** `14 min 5 s`, `40 s`; nothing once the time has come. */
export function waitLeft(seconds: number): string {
  const left = Math.ceil(seconds);
  if (left <= 0) return '';
  const minutes = Math.floor(left / 60);
  return minutes ? `${minutes} min ${left % 60} s` : `${left} s`;
}
