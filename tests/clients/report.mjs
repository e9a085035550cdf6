// What both SDK clients do once they are connected: look at everything that a server offers, call one tool, and print
// one JSON object. TARGET is a URL, or "stdio:" and a JSON array of command and arguments.
export function readCommandLine() {
  const [target, token = '', tool = '', args = '{}', mode = 'auto'] = process.argv.slice(2);
  return { target, token, tool, args: JSON.parse(args), mode };
}

export function makeTransport({ target, token }, Http, Stdio) {
  if (target.startsWith('stdio:')) {
    const [command, ...rest] = JSON.parse(target.slice('stdio:'.length));
    return new Stdio({ command, args: rest, stderr: 'inherit', env: process.env });
  }

  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  return new Http(new URL(target), { requestInit: { headers } });
}

export async function report(client, { tool, args }, call, extra) {
  const has = client.getServerCapabilities() ?? {};
  const all = async (list, key) => {
    const items = [];
    let cursor;
    do {
      const page = await list({ cursor });
      items.push(...page[key]);
      cursor = page.nextCursor;
    } while (cursor);
    return items;
  };

  const out = {
    ...extra,
    server: client.getServerVersion(),
    instructions: client.getInstructions() ?? null,
    tools: has.tools ? (await all((p) => client.listTools(p), 'tools')).map((t) => t.name) : [],
    prompts: has.prompts ? (await all((p) => client.listPrompts(p), 'prompts')).map((p) => p.name) : [],
    resources: has.resources ? (await all((p) => client.listResources(p), 'resources')).map((r) => r.uri) : [],
    templates: has.resources
      ? (await all((p) => client.listResourceTemplates(p), 'resourceTemplates')).map((r) => r.uriTemplate)
      : [],
  };
  if (tool) {
    const progress = [];
    out.result = await call({ name: tool, arguments: args }, { onprogress: (p) => progress.push(p) });
    out.progress = progress;
  }

  console.log(JSON.stringify(out));
}
