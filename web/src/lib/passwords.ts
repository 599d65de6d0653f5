// Which passwords the server takes, told before it is asked.

export const PASSWORD_RULE = 'At least 10 characters; several words are easy to remember.';

/** Why a password will not do; nothing where it may. The server decides. */
export function passwordFault(password: string, email: string): string | undefined {
  const text = password.normalize('NFKC');
  if ([...text].length < 10) return 'Use 10 characters or more.';
  if (text.toLowerCase() === email.toLowerCase()) return 'Do not use your e-mail address.';
  if (new Set(text).size === 1) return 'Do not use one character over and over.';
  return undefined;
}
