import { expect, test } from 'vitest';
import type { PageMatcher } from './draft';
import { matchesPage } from './pages';

const SHOP = 'https://shop.example/cart';
const cases: [PageMatcher['kind'], string, string, boolean][] = [
  ['exact', SHOP, SHOP, true],
  ['exact', SHOP, `${SHOP}/`, true],
  ['exact', SHOP, `${SHOP}?coupon=1`, false],
  ['exact', `${SHOP}?coupon=1`, `${SHOP}?coupon=1`, true],
  ['exact', SHOP, `${SHOP}#pay`, false],
  ['canonical', SHOP, `${SHOP}?coupon=1#pay`, true],
  ['canonical', SHOP, `${SHOP}/pay`, false],
  ['substring', '/cart', SHOP, true],
  ['substring', 'coupon', `${SHOP}?coupon=1`, false],
  ['substring', '#/item', 'https://shop.example/#/item/7', true],
  ['substring', 'top', 'https://shop.example/#top', false],
  ['regex', '/item/\\d+$', 'https://shop.example/item/12?sort=price', true],
  ['regex', '/item/\\d+$', 'https://shop.example/item/12/reviews', false],
  ['regex', '(', SHOP, false],
  ['substring', '', SHOP, false],
  ['substring', 'x', 'not an address', false],
];

test.each(cases)('%s %s on %s: %s', (kind, text, address, expected) => {
  expect(matchesPage({ kind, text }, address)).toBe(expected);
});
