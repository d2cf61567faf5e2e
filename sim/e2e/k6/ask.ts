/** Asks an agent and prints what it says: `ask.ts URL TOKEN`, for tests whose agents are in other network namespaces. */
const [url, token] = Deno.args;
const response = await fetch(url!, { headers: { Authorization: `Bearer ${token}` } });
await response.body?.pipeTo(Deno.stdout.writable);
