import { describe, expect, test } from "vitest";
import { hostsOfGroup } from "../../src/config/inventory.ts";
import { emptyDraft } from "../../src/config/inventory_draft.ts";
import { draftInventoryIni } from "../../src/config/inventory_ini.ts";
import { mergeInventory } from "../../src/config/inventory_merge.ts";
import { noSecretSources } from "../../src/config/secret_sources.ts";
import { Secret } from "../../src/core/secret.ts";
import { complaint } from "./parse.ts";

/** An inventory from texts, as if they were INI files a, b, … */
function iniOf(...texts: readonly string[]) {
  const draft = emptyDraft(noSecretSources);
  for (const [index, text] of texts.entries()) draftInventoryIni(draft, text, "abc".charAt(index));
  return mergeInventory(draft);
}

test("values know their line and column", () => {
  const { sources = [] } = iniOf("[web]\n\n  w1 x=1  y='a b'\n[web:vars]\n z = 3\n").hosts.get("w1") ?? {};
  const places = sources.flatMap(({ from, vars }) => [...vars].map(([name, { position }]) => [from, name, position]));
  expect(places).toEqual([
    ["group web", "z", { file: "a", line: 5, column: 2 }],
    ["host w1", "x", { file: "a", line: 3, column: 6 }],
    ["host w1", "y", { file: "a", line: 3, column: 11 }],
  ]);
});

test.each<[string, string]>([
  ["secret", "secret"],
  ["0123", "0123"],
  ["0x10", "0x10"],
  ["1e5", "1e5"],
  ["'quoted'", "quoted"],
  ["[1]", "[1]"],
])("a password is what is written: %s", (text, password) => {
  const { vars = {} } = iniOf(`[web]\nw1\n[web:vars]\nansible_password=${text}\n`).hosts.get("w1") ?? {};
  expect(vars.ansible_password instanceof Secret && vars.ansible_password.reveal()).toBe(password);
});

test("a group may come from an earlier inventory", () => {
  const merged = iniOf("[web]\nw1\n", "[prod:children]\nweb\n[web:vars]\nx=1\n");
  expect(hostsOfGroup(merged, "prod")).toEqual(["w1"]);
  expect(merged.hosts.get("w1")?.vars).toEqual({ x: 1 });
});

describe("mistakes name their place and the nearest word", () => {
  test.each([
    ["[web:childern]", 'a:1:6: a section is none of "childern" (did you mean "children"?): [web], [web:children] or [web:vars]'],
    ["[we b]", 'a:1:1: "[we b]" is no section: write [group], [group:children] or [group:vars], without blanks'],
    ["[we*b]", 'a:1:1: "we*b" is no name for a group: patterns could not say it'],
    [
      "[web]\nw1\n[prod:children]\nwbe",
      'a:4:1: "wbe" is a child of "prod", but there is no group [wbe] (did you mean "web"?): declare it, if only as an empty section',
    ],
    [
      "[web]\n[wbe:vars]\nx=1",
      'a:2:1: [wbe:vars], but there is no group [wbe] (did you mean "web"?): declare it, if only as an empty section',
    ],
    ["[prod:children]\nweb db", 'a:2:1: "web db" is no name of a group: a line of [prod:children] is just one'],
    ["w1 x=1 alone", 'a:1:8: "alone" is no variable: write name=value'],
    ["w1 =1", 'a:1:4: "=1" is no variable: write name=value'],
    ["[a]\n[a:vars]\nalone", 'a:3:1: "alone" is no variable: write name=value'],
    ["  w1 x='open", "a:1:3: a quote is not closed in this line, or a backslash ends it"],
    ["---", "a:1:1: --- begins a YAML document, and this file is read as INI: call it NAME.yaml"],
    ["w[1-3]", 'a:1:1: "w[1-3]" is no host range: write web[01:50], web[1:50:2] or web[a:f]'],
    ["w1:", 'a:1:1: "w1:" is neither an IPv6 address nor a name with its port, as in web01:2222'],
    ["w1:ssh", 'a:1:1: "w1:ssh" is neither an IPv6 address nor a name with its port, as in web01:2222'],
    ['""', 'a:1:1: "" is no name for a host: patterns could not say it'],
    ["-x", 'a:1:1: "-x" is no name for a host: patterns could not say it'],
    ["[a]\n[a:vars]\nansible_group_priority=high", 'a:3:1: ansible_group_priority is a whole number, not "high"'],
    ["[a:children]\nb\n[b:children]\na", 'a:2:1: group "b" contains itself'],
  ])("%j", (text, message) => {
    expect(complaint(() => iniOf(text))).toContain(message);
  });
});
