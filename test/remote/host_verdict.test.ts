import { expect, test } from "vitest";
import { knownHostName, type NamedHost, portlessName } from "../../src/remote/host_names.ts";
import { type HostEntries, judgeHostKey } from "../../src/remote/host_verdict.ts";
import { parseKnownHosts } from "../../src/remote/known_hosts.ts";
import { NameIndex } from "../../src/remote/name_index.ts";
import { keyText, newKey, publicKeyOf } from "./ssh_server.ts";

const [first, second, rsa] = [publicKeyOf(newKey().public), publicKeyOf(newKey().public), publicKeyOf(newKey("rsa").public)];
const text = keyText;

function entriesFor(content: string, host: NamedHost): HostEntries {
  const index = new NameIndex(parseKnownHosts(content, "f").lines);
  return { named: index.about(knownHostName(host)), portless: index.about(portlessName(host) ?? "-") };
}

test.each([
  ["nothing known", "", 22, first, "unknown"],
  ["another host", `db1 ${text(first)}`, 22, first, "unknown"],
  ["the key", `web01 ${text(first)}`, 22, first, "known"],
  ["in capitals", `WEB01 ${text(first)}`, 22, first, "known"],
  ["another key", `web01 ${text(second)}`, 22, first, "changed"],
  ["a key of another type only", `web01 ${text(rsa)}`, 22, first, "changed"],
  ["both", `web01 ${text(second)}\nweb01 ${text(first)}`, 22, first, "known"],
  ["revoked, though known before", `web01 ${text(first)}\n@revoked * ${text(first)}`, 22, first, "revoked"],
  ["another one revoked", `web01 ${text(first)}\n@revoked * ${text(second)}`, 22, first, "known"],
  ["an authority only", `@cert-authority * ${text(second)}`, 22, first, "authority"],
  ["the authority's own key", `@cert-authority * ${text(first)}`, 22, first, "authority"],
  ["an authority, and the key", `@cert-authority * ${text(second)}\nweb01 ${text(first)}`, 22, first, "known"],
  ["with its port", `[web01]:2222 ${text(first)}`, 2222, first, "known"],
  ["with another port", `[web01]:2223 ${text(first)}`, 2222, first, "unknown"],
  ["with its port, another key", `[web01]:2222 ${text(second)}`, 2222, first, "changed"],
  ["without its port", `web01 ${text(first)}`, 2222, first, "known"],
  ["without its port, another key", `web01 ${text(second)}`, 2222, first, "unknown"],
  ["revoked without its port", `[web01]:2222 ${text(first)}\n@revoked web01 ${text(first)}`, 2222, first, "revoked"],
] as const)("%s", (_, known, port, key, kind) => {
  expect(judgeHostKey(entriesFor(known, { address: "web01", port }), key).kind).toBe(kind);
});

test("an alias stands for the host, whatever its port", () => {
  const host = { address: "10.0.0.1", port: 2222, hostKeyAlias: "web01" };
  expect(judgeHostKey(entriesFor(`web01 ${text(first)}\n[10.0.0.1]:2222 ${text(second)}`, host), first).kind).toBe("known");
  expect(judgeHostKey(entriesFor(`[10.0.0.1]:2222 ${text(first)}\n10.0.0.1 ${text(first)}`, host), first).kind).toBe("unknown");
});
