// How the console is built: into the Python package, so that the server's own wheel carries it.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const SERVER = process.env.FLAGHOIST_URL ?? 'http://127.0.0.1:8800';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  build: {
    outDir: '../flaghoist/console/dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    // What many pages share comes in one file: browsers fetch no more than six at a time from one server.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 8 }] } } },
  },
  server: {
    // `npm run dev` shows changes at once, in front of a running server.
    proxy: { '/api': SERVER, '/internal': SERVER },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
