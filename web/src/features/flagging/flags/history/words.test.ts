import { describe, expect, it } from 'vitest';
import { linesOf } from './words';

describe('the words of a change', () => {
  it('are told line by line, with code and what is gone', () => {
    const lines = linesOf('* Added tag `q4`\n* Removed the fallthrough variation ~~`true`~~\n\n');
    expect(lines).toEqual([
      [
        { text: 'Added tag ', isCode: false, isGone: false },
        { text: 'q4', isCode: true, isGone: false },
      ],
      [
        { text: 'Removed the fallthrough variation ', isCode: false, isGone: false },
        { text: 'true', isCode: true, isGone: true },
      ],
    ]);
    expect(linesOf('')).toEqual([]);
  });
});
