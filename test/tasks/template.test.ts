import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Control } from "../../src/core/input.ts";
import { Secret } from "../../src/core/secret.ts";
import { createContents } from "../../src/store/contents.ts";
import { template } from "../../src/tasks/template.ts";
import { debianHost, planAfter, planOf } from "./planning.ts";

const folder = mkdtempSync(join(tmpdir(), "template-"));
const contents = createContents();
const control = { contents } as Control;

async function render(text: string, vars: Record<string, unknown>): Promise<string> {
  const src = join(folder, "t.conf");
  writeFileSync(src, text);
  const content = await template.inputs?.(template.args.parse({ src, dest: "/etc/t.conf", vars }), debianHost).content.read(control);
  if (content === undefined) throw new Error("no input");
  const bytes = await contents.open(content.sha256);
  expect(bytes.length).toBe(content.size);
  return Buffer.from(bytes).toString();
}

test("renders the host's variables", async () => {
  expect(await render("port = {{port}}\nname = {{host.name}}\n", { port: 81, host: { name: "web1" } })).toBe("port = 81\nname = web1\n");
  expect(await render("nothing to say\n", {})).toBe("nothing to say\n");
  expect(await render("{{port}}", { port: 81 })).toBe("81");
});

test("what holds a secret is marked, with the secret in it", async () => {
  const src = join(folder, "secret.conf");
  writeFileSync(src, "pw={{password}} name={{name}}");
  const read = (vars: Record<string, unknown>) =>
    template.inputs?.(template.args.parse({ src, dest: "/x", vars }), debianHost).content.read(control);
  const content = await read({ password: new Secret("hunter2"), name: "a" });
  expect(content).toMatchObject({ size: 17, isSecret: true });
  expect(Buffer.from(await contents.open(content?.sha256 ?? "")).toString()).toBe("pw=hunter2 name=a");
  expect(await read({ password: "none", name: new Secret("a").toString() })).not.toHaveProperty("isSecret");
});

test("an undefined variable is an error with file and line", async () => {
  await expect(render("a\n{{por}}\n", { port: 81 })).rejects.toThrow(/t\.conf:2:1: .*"port"/);
});

test("a template that can't be read is an error that names it", async () => {
  const { content } = template.inputs?.(template.args.parse({ src: "/no/such", dest: "/x" }), debianHost) ?? {};
  await expect(content?.read(control)).rejects.toThrow("cannot read /no/such on this machine");
});

test("the same template for other variables or another host is another input", () => {
  const name = (vars: Record<string, unknown>, host: string) =>
    template.inputs?.(template.args.parse({ src: "t", dest: "/x", vars }), { ...debianHost, name: host }).content.name;
  expect(new Set([name({ a: 1 }, "web1"), name({ a: 2 }, "web1"), name({ a: 1 }, "web2")]).size).toBe(3);
  expect(name({ a: 1 }, "web1")).toBe(name({ a: 1 }, "web1"));
});

test("writes what was rendered, and nothing once it is there", () => {
  const args = { src: "t", dest: "/etc/t.conf", mode: "0600" };
  const inputs = { content: { sha256: "aa", size: 2 } };
  expect(planOf(template, args, { file: { kind: "absent" } }, inputs).steps).toMatchObject([
    { kind: "write", path: "/etc/t.conf", sha256: "aa", mode: 0o600 },
  ]);
  expect(planAfter(template, args, { file: { kind: "absent" } }, inputs)).toEqual({ steps: [], stop: undefined });
});
