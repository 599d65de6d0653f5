// The lines by which the audit log tells differences: plain words, names and values as code, what is gone struck out.

export interface Piece {
  text: string;
  isCode: boolean;
  isGone: boolean;
}

/** Each line of a description, in pieces. */
export function linesOf(description: string): Piece[][] {
  return description
    .split('\n')
    .map((line) => line.replace(/^\* /, '').trim())
    .filter(Boolean)
    .map(piecesOf);
}

function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let isGone = false;
  for (const part of line.split(/(~~|`[^`]*`)/)) {
    if (part === '~~') isGone = !isGone;
    else if (part.length > 1 && part.startsWith('`')) pieces.push({ text: part.slice(1, -1), isCode: true, isGone });
    else if (part) pieces.push({ text: part, isCode: false, isGone });
  }
  return pieces;
}
