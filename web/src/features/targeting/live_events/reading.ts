// Whether a person has scrolled down to read: then nothing should move under their eyes.
import { useWindowScroll } from '@mantine/hooks';
import { useCallback, useRef } from 'react';

const NEAR_TOP_PX = 120;
const HEADER_PX = 56;

export function useReading() {
  const top = useRef<HTMLDivElement>(null);
  const [scroll] = useWindowScroll();
  const start = top.current ? top.current.getBoundingClientRect().top + window.scrollY : Number.POSITIVE_INFINITY;
  const isReading = scroll.y > start - HEADER_PX + NEAR_TOP_PX;
  const backToTop = useCallback(() => window.scrollTo({ top: 0 }), []);
  return { top, isReading, backToTop };
}
