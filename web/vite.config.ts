import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// In development (`npm run dev`) the doors are those of a server that runs already.
const server = process.env.FLEETWRIGHT_URL ?? 'http://127.0.0.1:8470';

export default defineConfig({
  plugins: [react()],
  build: {
    rolldownOptions: { input: { dashboard: 'index.html', docs: 'docs/index.html' } },
    // The server's policy allows no scripts inside pages and no foreign addresses; small files stay files.
    assetsInlineLimit: 0,
    // The API reference is one large library that only its own page loads.
    chunkSizeWarningLimit: 6000,
  },
  server: { host: '127.0.0.1', proxy: { '/api': server, '/openapi': server } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
