import { describe, expect, it } from 'vitest';
import { filterOf, isNarrowed, readFlagSearch } from './search';

describe('the list of flags', () => {
  it('asks for live flags unless told otherwise', () => {
    expect(filterOf({})).toBe('state:live');
    expect(filterOf({ state: 'archived' })).toBe('state:archived');
  });

  it('joins everything that narrows it', () => {
    const search = { q: 'check', tags: 'ui,ops', type: 'temporary', maintainer: 'm1' } as const;
    expect(filterOf(search)).toBe('query:check,tags:ui+ops,state:live,type:temporary,maintainerId:m1');
    expect(isNarrowed(search)).toBe(true);
    expect(isNarrowed({ sort: 'name', shown: 'test' })).toBe(false);
  });

  it('never lets a search text become another filter', () => {
    expect(filterOf({ q: 'a,state:archived' })).toBe('query:a,query:state:archived,state:live');
    expect(filterOf({ q: '{x}' })).toBe('query:x,state:live');
  });

  it('reads only what it knows from the URL', () => {
    expect(readFlagSearch({ q: 12, state: 'odd', sort: '-name', create: true, other: 1 })).toEqual({
      q: '12',
      sort: '-name',
      create: true,
    });
    expect(readFlagSearch({ sort: 'password' })).toEqual({});
  });
});
