// How the console looks: one accent, a calm surface, and colours that hold their contrast in light and dark.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const pine: MantineColorsTuple = [
  '#e6f6f3',
  '#d0ebe6',
  '#a3d8ce',
  '#72c4b5',
  '#4ab3a0',
  '#2fa18d',
  '#17806f',
  '#0b6b5e',
  '#07574d',
  '#03453d',
];

/** The head of a dialog is no banner of the page. */
const NOT_A_BANNER = { header: { role: 'presentation' } };

export const theme = createTheme({
  primaryColor: 'pine',
  colors: { pine },
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.32,
  defaultRadius: 'md',
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.75rem' }, h2: { fontSize: '1.4rem' } } },
  cursorType: 'pointer',
  focusRing: 'auto',
  components: {
    Badge: { defaultProps: { size: 'md', fw: 600 } },
    Modal: {
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, attributes: NOT_A_BANNER },
      styles: { title: { fontWeight: 650 } },
    },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, attributes: NOT_A_BANNER } },
    // A menu's focus begins at its first entry.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true, withinPortal: true } },
    Table: { defaultProps: { verticalSpacing: 'sm' } },
  },
});

/** Surfaces and quiet text; every text colour reaches a contrast of 4.5 on every surface named here. */
export const surfaces: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--surface-raised': 'var(--mantine-color-body)',
    '--surface-hover': 'var(--mantine-color-gray-0)',
    '--surface-sunken': 'var(--mantine-color-gray-0)',
    '--line-faint': 'var(--mantine-color-gray-2)',
    '--mantine-color-dimmed': '#555c64',
    '--mantine-color-placeholder': '#666d75',
    '--mantine-color-anchor': 'var(--mantine-color-pine-8)',
    '--mantine-color-error': '#b42318',
    '--mantine-color-red-6': '#b42318',
    '--mantine-color-red-filled': '#b42318',
    '--mantine-color-red-filled-hover': '#981b12',
    '--mantine-color-orange-light-color': '#96400a',
  },
  dark: {
    '--surface-raised': 'var(--mantine-color-dark-7)',
    '--surface-hover': 'var(--mantine-color-dark-6)',
    '--surface-sunken': 'var(--mantine-color-dark-8)',
    '--line-faint': 'var(--mantine-color-dark-5)',
    '--mantine-color-dimmed': '#b0b7bf',
    '--mantine-color-placeholder': '#a2a9b1',
    '--mantine-color-anchor': 'var(--mantine-color-pine-3)',
    '--mantine-color-error': '#ff9c9c',
    '--mantine-color-red-6': '#ff9c9c',
    '--mantine-color-red-filled': '#c92a2a',
    '--mantine-color-red-filled-hover': '#b02323',
  },
});
