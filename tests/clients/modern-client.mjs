// The second generation of the TypeScript SDK, which finds out the era by itself.
// node modern-client.mjs TARGET [TOKEN] [TOOL] [ARGUMENTS-JSON] [auto|legacy|REVISION]
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { makeTransport, readCommandLine, report } from './report.mjs';

const line = readCommandLine();
const mode = /^\d/.test(line.mode) ? { pin: line.mode } : line.mode;
const client = new Client({ name: 'modern-client', version: '1.0.0' }, { versionNegotiation: { mode } });
await client.connect(makeTransport(line, StreamableHTTPClientTransport, StdioClientTransport));
await report(client, line, (p, o) => client.callTool(p, o), {
  era: client.getProtocolEra(),
  revision: client.getNegotiatedProtocolVersion(),
});
await client.close();
