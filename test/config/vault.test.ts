import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emptyDraft } from "../../src/config/inventory_draft.ts";
import { mergeInventory } from "../../src/config/inventory_merge.ts";
import { draftInventoryYaml } from "../../src/config/inventory_yaml.ts";
import { readPlaybook } from "../../src/config/playbook.ts";
import { createVault, type Vault, type VaultPassword } from "../../src/config/vault.ts";
import { parseVaultText } from "../../src/config/vault_text.ts";
import { parseYaml, readYaml } from "../../src/config/yaml.ts";
import { plain } from "../../src/config/yaml_node.ts";
import { ConfigError } from "../../src/core/error.ts";
import { Secret } from "../../src/core/secret.ts";
import { builtinTasks } from "../../src/tasks/registry.ts";
import { complaint } from "./parse.ts";
import { encrypt, lines, tagged } from "./vault_fixture.ts";

const place = { file: "f.yaml", line: 3, column: 5 };
const fixture = (name: string): string => join(import.meta.dirname, "../fixtures/vault", name);
const vaultOf = (...passwords: readonly (string | VaultPassword)[]): Vault =>
  createVault(
    passwords.map((password) => (typeof password === "string" ? { label: "default", password: new Secret(password) } : password)),
  );
const sources = (vault: Vault) => ({ vault, environment: {}, home: "/" });
const horse = vaultOf("correct horse");

/** All values of a map, revealed where they are secrets. */
const revealed = (value: unknown): unknown =>
  Object.fromEntries(Object.entries(value ?? {}).map(([key, item]) => [key, item instanceof Secret ? item.reveal() : item]));

describe("what ansible-vault encrypted", () => {
  test("single values", () => {
    const root = parseYaml(readFileSync(fixture("values.yaml"), "utf8"), "values.yaml", sources(horse));
    expect(JSON.stringify(plain(root))).toBe('{"password":"‹secret›","note":"‹secret›"}');
    expect(revealed(plain(root))).toEqual({ password: "hunter2", note: "päss wörd\nsecond line" });
  });

  test("a whole file, whose values are ordinary ones", async () => {
    const root = await readYaml(fixture("inventory.yaml"), sources(horse));
    expect(plain(root)).toEqual({ all: { hosts: { web1: { port: 2222, password: "hunter2" } } } });
  });

  test.skipIf(spawnSync("ansible-vault", ["--version"]).error !== undefined)("and it decrypts what this test's encrypter made", () => {
    const folder = mkdtempSync(join(tmpdir(), "kofleet-vault-"));
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const password = write("password", "correct horse");
    const text = write("text", `${encrypt("grüße\n", { password: "correct horse", label: "prod" })}\n`);
    const { stdout } = spawnSync("ansible-vault", ["view", "--vault-id", `prod@${password}`, text], { encoding: "utf8" });
    expect(stdout).toBe("grüße\n");
  });
});

test("any text comes back, with any password and label", () => {
  const label = fc.option(fc.stringMatching(/^[\w.-]{1,12}$/), { nil: undefined });
  const salt = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary", minLength: 1 }), label, salt, (text, password, name, bytes) => {
      const encrypted = encrypt(text, { password, salt: bytes, ...(name !== undefined && { label: name }) });
      expect(vaultOf(password).open(encrypted, place)).toBe(text);
    }),
    { numRuns: 5 },
  );
});

describe("passwords", () => {
  const secret = encrypt("x", { password: "b", label: "prod" });

  test("each is tried, with its own label first, and a text is decrypted once", () => {
    const revealedOnes: string[] = [];
    const watched = (label: string, value: string): VaultPassword => {
      const password = new Secret(() => {
        revealedOnes.push(value);
        return value;
      });
      return { label, password };
    };
    const vault = vaultOf(watched("default", "a"), watched("dev", "c"), watched("prod", "b"));
    const [one, two] = [vault.secret(secret, place), vault.secret(secret, place)];
    expect(revealedOnes).toEqual([]);
    expect([one.reveal(), two.reveal(), one.reveal()]).toEqual(["x", "x", "x"]);
    expect(revealedOnes).toEqual(["b"]);
    expect(vaultOf("a", "b").open(secret, place)).toBe("x");
  });

  test.each([
    [
      [],
      "f.yaml:3:5: this is encrypted, and there is no vault password: give --vault-password-file FILE, --vault-id LABEL@FILE or --ask-vault-pass, or set vault_password_file in kofleet.yaml",
    ],
    [
      ["a", "c"],
      'f.yaml:3:5: no vault password opens this text with the vault id "prod": wrong password (tried: default), or the encrypted text was changed',
    ],
  ])("%j: not the right one", (passwords, message) => {
    const value = vaultOf(...passwords).secret(secret, place);
    expect(complaint(() => value.reveal())).toBe(message);
  });
});

describe("what is no longer what was encrypted", () => {
  const whole = encrypt("plain hunter2 text", { password: "b" });
  const parts = parseVaultText(whole, place);
  const [salt, mac, encrypted] = [parts.salt, parts.mac, parts.encrypted].map((bytes) => Buffer.from(bytes)) as [Buffer, Buffer, Buffer];
  const built = (...pieces: readonly Buffer[]): string => `$ANSIBLE_VAULT;1.1;AES256\n${lines(pieces).join("\n")}`;
  const flipped = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte, index) => (index === 5 ? byte ^ 1 : byte)));
  const damaged = "f.yaml:3:5: this encrypted text is damaged or cut off: copy all of its lines again";
  const changed = "f.yaml:3:5: no vault password opens this: wrong password (tried: default), or the encrypted text was changed";

  test.each([
    ["another HMAC", built(salt, flipped(mac), encrypted), changed],
    ["another salt", built(flipped(salt), mac, encrypted), changed],
    ["other bytes", built(salt, mac, flipped(encrypted)), changed],
    ["a short HMAC", built(salt, mac.subarray(1), encrypted), damaged],
    ["no salt", built(Buffer.alloc(0), mac, encrypted), damaged],
    ["no bytes", built(salt, mac), damaged],
    ["a fourth part", built(salt, mac, encrypted, salt), damaged],
    ["a line less", whole.split("\n").slice(0, -1).join("\n"), damaged],
    ["an odd digit", whole.slice(0, -1), damaged],
    ["other letters", whole.replace(/\n../, "\nzz"), damaged],
    ["only the header", "$ANSIBLE_VAULT;1.1;AES256", damaged],
    ["another cipher", whole.replace("AES256", "AES"), `f.yaml:3:5: Ansible Vault's cipher "AES" is not understood, only AES256: rekey it`],
    [
      "an older format",
      whole.replace("1.1", "1.0"),
      `f.yaml:3:5: Ansible Vault's format "1.0" is not understood, only 1.1 and 1.2: rekey it`,
    ],
    ["no header", "hunter2", "f.yaml:3:5: this is not encrypted by Ansible Vault: its first line is $ANSIBLE_VAULT;1.1;AES256"],
    ["nothing", "", "f.yaml:3:5: this is not encrypted by Ansible Vault: its first line is $ANSIBLE_VAULT;1.1;AES256"],
    ["no UTF-8", encrypt(new Uint8Array([255]), { password: "b" }), "f.yaml:3:5: what is encrypted here is not UTF-8 text"],
  ])("%s", (_, text, message) => {
    expect(complaint(() => vaultOf("b").open(text, place))).toBe(message);
    expect(message).not.toContain("plain");
  });

  test("whatever is cut out of it, or put in, is refused or read as it was", () => {
    const cut = fc.tuple(fc.nat(whole.length), fc.nat(40), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(cut, ([at, count, inserted]) => {
        try {
          expect(vaultOf("b").open(whole.slice(0, at) + inserted + whole.slice(at + count), place)).toBe("plain hunter2 text");
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect(String(error)).not.toContain("hunter2");
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("in YAML", () => {
  const read = (text: string, vault = vaultOf("b")) => parseYaml(text, "f.yaml", sources(vault));
  const value = tagged(encrypt("x", { password: "b" }));

  test("values of maps and lists, and those that an alias repeats", () => {
    const node = plain(read(`a: ${value}b: [1]\nc: &c ${value}d: *c\n`));
    expect(revealed(node)).toEqual({ a: "x", b: [1], c: "x", d: "x" });
    expect(plain(read(`- ${value}`))).toEqual([expect.any(Secret)]);
    expect(revealed(plain(read(`a: ${value.replace("!vault", "!vault-encrypted")}`)))).toEqual({ a: "x" });
  });

  test("in the form that JSON has for them", () => {
    const encrypted = encrypt("x", { password: "b" });
    const json = JSON.stringify({
      all: { hosts: { h: { note: { __ansible_vault: encrypted }, password: { __ansible_vault: encrypted } } } },
    });
    const draft = emptyDraft(sources(vaultOf("b")));
    draftInventoryYaml(draft, parseYaml(json, "f.json", draft.secrets));
    expect(revealed(mergeInventory(draft, []).hosts.get("h")?.vars)).toEqual({ note: "x", password: "x" });
  });

  test("an error has the place of the value, and comes before anything is decrypted where it can", () => {
    expect(complaint(() => read("a:\n  - !vault x"))).toMatch(/^f\.yaml:2:12: this is not encrypted by Ansible Vault/);
    const locked = plain(read(`a: 1\nb: ${value}`, vaultOf()));
    expect(complaint(() => revealed(locked))).toMatch(/^f\.yaml:2:11: this is encrypted, and there is no vault password/);
  });
});

describe("where no secret may stand it is called one", () => {
  const secret = tagged(encrypt("hunter2", { password: "b" }), 12);
  const playsOf = (text: string) => readPlaybook(parseYaml(text, "p.yaml", sources(vaultOf("b"))), builtinTasks);

  test.each([
    [`- hosts: ${secret}`, "p.yaml:1:17: expected text, not a secret"],
    [
      `- hosts: a\n  serial: ${secret}`,
      "p.yaml:2:18: serial is a number of hosts, a percentage such as 10%, a list of them, or waves; not a secret",
    ],
    [
      `- hosts: a\n  tasks:\n    - command: id\n      when: ${secret}`,
      'p.yaml:4:20: expected an expression, such as eq os.family "debian", not a secret',
    ],
    [`- hosts: a\n  tasks:\n    - command: ${secret}`, "p.yaml:3:23: command needs a command"],
    [
      `- hosts: a\n  tasks:\n    - file:\n        path: ${secret}`,
      "p.yaml:4:22: file: path takes no secret: bring it into a file with copy or template, and name the file here",
    ],
  ])("%#: before any host is asked", (text, message) => {
    expect(complaint(() => playsOf(text))).toBe(message);
  });

  test("in a command's words once they are rendered, so that no list of processes shows one", () => {
    const [entry] = playsOf("- hosts: a\n  tasks: [command: 'login -p {{pw}}']")[0]?.tasks ?? [];
    expect(complaint(() => entry?.parseArgs(entry.args.render({ pw: new Secret("hunter2") })))).toBe(
      "p.yaml:2:20: command: argv.2 takes no secret: bring it into a file with copy or template, and name the file here",
    );
  });
});
