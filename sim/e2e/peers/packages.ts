/** The Debian packages behind the peers of the tests: what is missing, and how to install it. */

/** A program that tests run, and the package it comes from. */
export interface Peer {
  /** Name of the program, as found in PATH, below /usr/sbin or /usr/share/java. */
  readonly program: string;
  /** Debian package. */
  readonly debianPackage: string;
  /** What the tests use it for. */
  readonly purpose: string;
}

/** Everything that the tests against real programs need; the rest comes with every Debian. */
export const PEERS: readonly Peer[] = [
  { program: "kamailio", debianPackage: "kamailio", purpose: "registrar and proxy under load" },
  { program: "sipp", debianPackage: "sip-tester", purpose: "clients and answering side of another maker" },
  { program: "tshark", debianPackage: "tshark", purpose: "dissects what went over the wire" },
  { program: "tcpdump", debianPackage: "tcpdump", purpose: "captures on the loopback interface" },
  { program: "python3", debianPackage: "python3", purpose: "the independent MSRP peer" },
  { program: "baresip", debianPackage: "baresip-core", purpose: "a phone of another maker" },
  { program: "linphonec", debianPackage: "linphone-cli", purpose: "a phone of another maker, digest with SHA-256" },
  { program: "java", debianPackage: "default-jre-headless", purpose: "runs the tools of HdrHistogram" },
  { program: "hdrhistogram.jar", debianPackage: "libhdrhistogram-java", purpose: "reads our histogram logs" },
  { program: "tmux", debianPackage: "tmux", purpose: "the terminal of the live view" },
  { program: "promtool", debianPackage: "prometheus", purpose: "judges and scrapes our metrics" },
  { program: "chromium", debianPackage: "chromium", purpose: "opens the report page" },
];

const FOLDERS_BEYOND_PATH = ["/usr/sbin", "/sbin", "/usr/share/java"];

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** The path of a program in PATH, /usr/sbin, /sbin or /usr/share/java; undefined when it is in none of them. */
export async function findProgram(program: string): Promise<string | undefined> {
  for (const folder of [...(Deno.env.get("PATH") ?? "").split(":"), ...FOLDERS_BEYOND_PATH]) {
    const path = `${folder}/${program}`;
    if (folder !== "" && await isFile(path)) return path;
  }
  return undefined;
}

/** The same, for those who cannot do without; throws with the name of its package. */
export async function needProgram(program: string): Promise<string> {
  const path = await findProgram(program);
  if (path !== undefined) return path;
  const { debianPackage } = PEERS.find((peer) => peer.program === program) ?? { debianPackage: program };
  throw new Error(`Cannot find ${program}: install the Debian package ${debianPackage}`);
}

/** The peers whose program is not on this machine. */
export async function missingPeers(): Promise<Peer[]> {
  const found = await Promise.all(PEERS.map((peer) => findProgram(peer.program)));
  return PEERS.filter((_, index) => found[index] === undefined);
}

/** The command that installs the packages of peers. */
export function installCommand(peers: readonly Peer[]): string[] {
  const packages = [...new Set(peers.map((peer) => peer.debianPackage))];
  return ["apt-get", "install", "-y", "--no-install-recommends", ...packages];
}

/** Says which programs are missing and what to type, for people. */
export function describeMissing(peers: readonly Peer[]): string {
  const lines = peers.map((peer) => `  ${peer.program} (Debian package ${peer.debianPackage}): ${peer.purpose}`);
  return [
    `Cannot run the tests against other programs, ${peers.length} missing:`,
    ...lines,
    `Install them with:  apt-get update && ${installCommand(peers).join(" ")}`,
    "or leave these tests out with:  deno task test --peers=none",
  ].join("\n");
}

/** Why packages cannot be installed by us, or undefined when they can. */
async function obstacle(): Promise<string | undefined> {
  if (Deno.build.os !== "linux" || await findProgram("apt-get") === undefined) return "this is not a Debian";
  return Deno.uid() === 0 ? undefined : "only root installs packages";
}

async function aptGet(args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command("apt-get", {
    args: [...args],
    // RUNLEVEL: so that invoke-rc.d does not start the kamailio of the package's own configuration
    env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    stdin: "null",
  }).output();
  if (code === 0) return;
  const decoder = new TextDecoder();
  throw new Error(`apt-get ${args.join(" ")} ended with ${code}:\n${decoder.decode(stdout)}${decoder.decode(stderr)}`);
}

/** Installs what is missing; throws with `describeMissing` when it may not, and with apt's own words when apt fails. */
export async function installPeers(): Promise<void> {
  const missing = await missingPeers();
  if (missing.length === 0) return;
  const reason = await obstacle();
  if (reason !== undefined) throw new Error(`${describeMissing(missing)}\n(not installed by itself: ${reason})`);
  await aptGet(["-o", "DPkg::Lock::Timeout=120", "update"]);
  await aptGet(["-o", "DPkg::Lock::Timeout=120", ...installCommand(missing).slice(1)]);
  const still = await missingPeers();
  if (still.length > 0) throw new Error(describeMissing(still));
}

if (import.meta.main) {
  try {
    await installPeers();
  } catch (error) {
    await Deno.stderr.write(new TextEncoder().encode(`${error instanceof Error ? error.message : String(error)}\n`));
    Deno.exit(1);
  }
}
