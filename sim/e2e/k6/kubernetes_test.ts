/**
 * The manifests of `sim/k6/kubernetes/`: valid by the schemas of their makers, and consistent with each other and with
 * the scripts.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { toK6Thresholds } from "../../report/k6_thresholds.ts";
import { isFaults, parseScenario } from "../../scenario/read.ts";
import { ROOT } from "../program.ts";
import { type Manifest, ManifestSchemas, readManifests } from "./manifests.ts";

const FOLDER = `${ROOT}sim/k6/kubernetes/`;
const FILES = ["config.yaml", "agents.yaml", "network_policy.yaml", "testrun.yaml", "nightly.yaml"];
const MANIFESTS = (await Promise.all(FILES.map((name) => Deno.readTextFile(FOLDER + name)))).flatMap(readManifests);

function named(kind: string, name: string): Manifest {
  const found = MANIFESTS.find((each) => each.kind === kind && each.metadata.name === name);
  assert(found !== undefined, `${kind} ${name}`);
  return found;
}

const agentPod = named("StatefulSet", "imstorm-agent").spec.template;
const runner = named("TestRun", "imstorm").spec.runner;
const nightlyPod = named("CronJob", "imstorm-nightly").spec.jobTemplate.spec.template;

Deno.test("every manifest is valid by the schema of its maker", async (t) => {
  const schemas = await ManifestSchemas.load();
  for (const manifest of MANIFESTS) {
    await t.step(`${manifest.kind} ${manifest.metadata.name}`, () => assertEquals(schemas.faultsOf(manifest), []));
  }
  await t.step("an unknown field, a wrong type and a missing field are faults", () => {
    const broken = structuredClone(named("StatefulSet", "imstorm-agent"));
    broken.spec.template.spec.containers[0].readinesProbe = {};
    broken.spec.replicas = "four";
    delete broken.spec.selector;
    const faults = schemas.faultsOf(broken).join("\n");
    for (const part of ["readinesProbe", "/spec/replicas", "selector"]) assertStringIncludes(faults, part);
    const testRun = structuredClone(named("TestRun", "imstorm"));
    testRun.spec.paralellism = 1;
    testRun.spec.runner.env[0].value = 7;
    assertEquals(schemas.faultsOf(testRun).length, 2);
    assertEquals(schemas.faultsOf({ ...testRun, kind: "TestRum" }).length, 1);
  });
});

Deno.test("the thresholds of the ConfigMap are those of its scenario", () => {
  const { data } = named("ConfigMap", "imstorm-run");
  const scenario = parseScenario(data["scenario.yaml"], "scenario.yaml");
  if (isFaults(scenario)) throw new Error(JSON.stringify(scenario));
  assertEquals(JSON.parse(data["thresholds.json"]), toK6Thresholds(scenario.thresholds));
  const target = `${new URL(scenario.target.uri.replace("sip:", "http://").replace(/;.*/, "")).host}`;
  assertStringIncludes(agentPod.spec.containers[0].args[0], `--allow-target ${target} `);
});

Deno.test("every agent of the StatefulSet is named to the controllers, and its port is open to them", () => {
  const { spec } = named("StatefulSet", "imstorm-agent");
  const { name, namespace } = named("Service", spec.serviceName).metadata;
  assertEquals(namespace, "imstorm");
  assertEquals(agentPod.spec.containers[0].env, [{ name: "AGENTS", value: String(spec.replicas) }]);
  const expected = Array.from({ length: spec.replicas }, (_, index) => `http://imstorm-agent-${index}.${name}:8460`);
  for (const env of [runner.env, nightlyPod.spec.containers[0].env]) {
    const agents = env.find(({ name }: { name: string }) => name === "IMSTORM_AGENTS").value.split(",");
    assertEquals(agents, expected);
  }
  const [ingress] = named("NetworkPolicy", "imstorm-agent").spec.ingress;
  assertEquals(ingress.ports, [{ protocol: "TCP", port: 8460 }]);
  assertEquals(ingress.from[0].podSelector.matchLabels, runner.metadata.labels);
  assertEquals(nightlyPod.metadata.labels, runner.metadata.labels);
});

Deno.test("policies apply to the pods there are, and let agents out to the target, agents and names only", () => {
  const policy = named("NetworkPolicy", "imstorm-agent").spec;
  assertEquals(policy.podSelector.matchLabels, agentPod.metadata.labels);
  assertEquals(policy.policyTypes, ["Ingress", "Egress"]);
  const ports = policy.egress.map(({ ports }: { ports?: { port: number }[] }) => ports?.map(({ port }) => port));
  assertEquals(ports, [[5060, 5060], undefined, [53, 53]]);
  assertEquals(policy.egress[1].to, [{ podSelector: { matchLabels: agentPod.metadata.labels } }]);
  assertEquals(policy.egress.every(({ to }: { to?: unknown[] }) => (to?.length ?? 0) > 0), true);
});

Deno.test("what pods mount and read exists, and what the scripts are told has a name they know", async () => {
  const settings = await Deno.readTextFile(`${ROOT}sim/k6/settings.js`);
  for (const pod of [agentPod.spec, nightlyPod.spec, { containers: [runner], volumes: runner.volumes }]) {
    for (const { name, secret, configMap, persistentVolumeClaim } of pod.volumes) {
      assert(pod.containers[0].volumeMounts.some((mount: { name: string }) => mount.name === name), name);
      if (secret !== undefined) named("Secret", secret.secretName);
      if (configMap !== undefined) named("ConfigMap", configMap.name);
      if (persistentVolumeClaim !== undefined) named("PersistentVolumeClaim", persistentVolumeClaim.claimName);
    }
    const told = pod === agentPod.spec ? pod.containers[0].args[0] : settings;
    for (const { name } of pod.containers[0].env) assertStringIncludes(told, name);
  }
});

Deno.test("the Secret holds no secret", () => {
  assertEquals(named("Secret", "imstorm-token").stringData, { token: "replace-me-with-openssl-rand-hex-32" });
});

Deno.test("Containerfiles copy what exists, and all scripts", async () => {
  const copied: string[] = [];
  for (const name of ["Containerfile.agent", "Containerfile.k6"]) {
    const text = await Deno.readTextFile(FOLDER + name);
    for (const [, sources] of text.matchAll(/^COPY (.+) \S+$/gm)) copied.push(...sources!.split(" "));
  }
  for (const path of copied) await Deno.stat(ROOT + path);
  const scripts = (await Array.fromAsync(Deno.readDir(`${ROOT}sim/k6`), ({ name }) => name)).filter((name) =>
    name.endsWith(".js")
  );
  assertEquals(copied.filter((path) => path.endsWith(".js")).sort(), scripts.map((name) => `sim/k6/${name}`).sort());
});
