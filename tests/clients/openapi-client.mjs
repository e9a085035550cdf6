// A client generated from Fleetwright's OpenAPI description: types by openapi-typescript, checked by the TypeScript compiler,
// calls by openapi-fetch. Usage: openapi-client.mjs DESCRIPTION URL KEY
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import openapiTypescript, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const [description, url, key] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'openapi-client-'));
try {
  symlinkSync(join(dirname(fileURLToPath(import.meta.url)), 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'schema.d.ts'), astToString(await openapiTypescript(pathToFileURL(description))));
  const program = join(folder, 'client.mts');
  writeFileSync(program, `
import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';
const client = createClient<paths>({ baseUrl: ${JSON.stringify(url)}, headers: { Authorization: 'Bearer ' + process.argv[2] } });
const devices = await client.GET('/api/devices', { params: { query: { limit: 10 } } });
if (!devices.data) throw new Error(JSON.stringify(devices.error));
const first = devices.data.items[0];
if (!first) throw new Error('no device');
console.log('devices', devices.data.total);
const metrics = await client.GET('/api/devices/{device}/metrics', { params: { path: { device: first.id } } });
if (!metrics.data) throw new Error(JSON.stringify(metrics.error));
console.log('metrics', metrics.data.source, metrics.data.value?.memory?.totalBytes);
const missing = await client.GET('/api/devices/{device}', { params: { path: { device: 'nobody' } } });
console.log('problem', missing.error?.code);
`);
  const options = { strict: true, noEmitOnError: true, skipLibCheck: true, types: [], module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2023, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'] };
  const declarations = join(folder, 'globals.d.ts');
  writeFileSync(declarations, 'declare const process: { argv: string[] };');
  const build = ts.createProgram([program, declarations], options);
  const emitted = build.emit();
  const wrong = [...ts.getPreEmitDiagnostics(build), ...emitted.diagnostics];
  if (wrong.length > 0) {
    console.error(ts.formatDiagnostics(wrong, { getCanonicalFileName: (f) => f, getCurrentDirectory: () => folder, getNewLine: () => '\n' }));
    process.exit(1);
  }
  process.argv[2] = key;
  readFileSync(join(folder, 'client.mjs'));
  await import(pathToFileURL(join(folder, 'client.mjs')).href);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
