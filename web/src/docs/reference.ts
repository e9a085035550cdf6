import { createApiReference } from '@scalar/api-reference';
import '@scalar/api-reference/style.css';

// Everything comes from this server: no fonts, request proxy, usage figures, hosted editors or assistants of others.
createApiReference('#reference', {
  url: '/openapi/v1.json',
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  metaData: { title: 'Fleetwright API reference' },
});
