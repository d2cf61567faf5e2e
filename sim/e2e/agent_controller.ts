/** A controller of an agent in a process of its own, so that a test can kill it: starts a run and asks for it for ever. */

const [url, token, request] = Deno.args as [string, string, string];

async function ask(method: "GET" | "POST", path: string, body?: string): Promise<{ state: string }> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

await ask("POST", "/v1/runs", request);
const { id } = JSON.parse(request);
while ((await ask("GET", `/v1/runs/${id}`)).state !== "ready") await new Promise((wake) => setTimeout(wake, 50));
await ask("POST", `/v1/runs/${id}/start`);
while (true) {
  await ask("POST", `/v1/runs/${id}/heartbeat`);
  await new Promise((wake) => setTimeout(wake, 200));
}
