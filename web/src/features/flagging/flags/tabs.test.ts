import { describe, expect, it } from 'vitest';
import { readTabSearch } from './tabs';

describe('the URL of a flag', () => {
  it('names a tab and carries a context, as an object or as text', () => {
    const context = { kind: 'user', key: 'ann' };
    expect(readTabSearch({ tab: 'explain', context })).toEqual({ tab: 'explain', context });
    expect(readTabSearch({ context: JSON.stringify(context) })).toEqual({ context });
    expect(readTabSearch({ context: JSON.stringify(JSON.stringify(context)) })).toEqual({ context });
  });

  it('ignores what it does not know', () => {
    expect(readTabSearch({ tab: 'other', context: '{', more: 1 })).toEqual({});
    expect(readTabSearch({ context: [1] })).toEqual({});
  });
});
