// The first generation of the TypeScript SDK: sessions.  node legacy-client.mjs TARGET [TOKEN] [TOOL] [ARGUMENTS-JSON]
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { makeTransport, readCommandLine, report } from './report.mjs';

const line = readCommandLine();
const transport = makeTransport(line, StreamableHTTPClientTransport, StdioClientTransport);
const client = new Client({ name: 'legacy-client', version: '1.0.0' });
await client.connect(transport);
const session = transport.sessionId ?? null;
await report(client, line, (p, o) => client.callTool(p, undefined, o), {
  era: 'legacy',
  revision: transport.protocolVersion ?? null,
  session,
});
await transport.terminateSession?.();
await client.close();
