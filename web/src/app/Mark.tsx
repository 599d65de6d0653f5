// The project's own sign: a flag being hoisted.
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" style={{ flex: 'none' }}>
      <rect width="32" height="32" rx="7" fill="#0b5d5b" />
      <path d="M10 6v20" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <path d="M11.5 7.5h12l-3.4 4.2 3.4 4.3h-12z" fill="#7fe0c8" />
    </svg>
  );
}
