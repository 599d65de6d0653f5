// What somebody who types into the palette wants: to find something, or to turn a flag on or off.

export interface Wish {
  act: 'on' | 'off' | undefined;
  subject: string;
}

/** `turn off check` wants to switch flags like "check"; `check` only looks for them. */
export function wish(text: string): Wish {
  const said = /^\s*(?:turn|switch)\s+(on|off)\b\s*(.*)$/i.exec(text);
  if (!said) return { act: undefined, subject: text.trim() };
  return { act: said[1]?.toLowerCase() === 'on' ? 'on' : 'off', subject: (said[2] ?? '').trim() };
}
