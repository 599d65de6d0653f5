// What members are called.

interface Member {
  email: string;
  firstName?: string;
  lastName?: string;
}

/** First and last name, or else the e-mail. */
export function nameOfMember({ firstName, lastName, email }: Member): string {
  return [firstName, lastName].filter(Boolean).join(' ') || email;
}
