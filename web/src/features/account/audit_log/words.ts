// The lines in which the log tells a change: plain words, `values`, and ~~what they replaced~~.

export interface Span {
  text: string;
  isValue?: boolean;
  isReplaced?: boolean;
}

/** The lines of a description, without their bullets; none where the verb says it all. */
export function linesOf(description: string, verb = ''): string[] {
  const lines = description
    .split(/(?:^|\n)\* /)
    .map((line) => line.trim())
    .filter(Boolean);
  const [only = ''] = lines;
  return lines.length === 1 && verb.startsWith(only.toLowerCase()) ? [] : lines;
}

/** A line in its spans; a value that is nothing is told as such. */
export function spansOf(line: string): Span[] {
  return line
    .split(/(~~`.*?`~~|`.*?`)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (part.startsWith('~~`') && part.endsWith('`~~')) {
        return { text: part.slice(3, -3) || 'nothing', isValue: true, isReplaced: true };
      }
      if (part.length > 1 && part.startsWith('`') && part.endsWith('`')) {
        return { text: part.slice(1, -1) || 'nothing', isValue: true };
      }
      return { text: part };
    });
}
