import type { Become, HostKeyPolicy, Target } from "../core/connection.ts";
import { ConfigError } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import { Secret } from "../core/secret.ts";
import { type ConnectionVar, connectionVars } from "./connection_vars.ts";
import type { InventoryHost } from "./inventory.ts";
import type { LocatedValue } from "./located_vars.ts";
import type { Vars } from "./play.ts";
import { variableNamed } from "./secret_reference.ts";
import { hostKeyPolicies } from "./settings.ts";
import { parseSshArguments, type SshArguments } from "./ssh_arguments.ts";

/** The connection variables of one host, read as what they must be; undefined where nothing is said, a ConfigError where it is said wrongly. */
export interface ConnectionSource {
  text(name: ConnectionVar): string | undefined;
  texts(name: ConnectionVar): readonly string[] | undefined;
  count(name: ConnectionVar, most?: number): number | undefined;
  flag(name: ConnectionVar): boolean | undefined;
  secret(name: ConnectionVar): Secret | undefined;
  transport(): Target["transport"];
  policy(): HostKeyPolicy | undefined;
  becomeMethod(): Become["method"];
  /** What Ansible's variables would add to ssh's command line. */
  sshArguments(): SshArguments;
}

interface Found extends LocatedValue {
  readonly name: string;
}

const transports = ["ssh", "openssh", "local"] as const;
const becomeMethods = ["sudo", "doas", "su"] as const;
/** Ansible's names for what is ssh here. */
const sshNames: ReadonlySet<unknown> = new Set(["smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh"]);

/** Reads a host's connection variables: extra vars win over the host's own, those over its groups'. */
export function connectionValues(host: InventoryHost, extraVars: Vars): ConnectionSource {
  const extra = new Map(Object.entries(extraVars).map(([name, value]): [string, LocatedValue] => [name, { value }]));
  const levels = [extra, ...host.sources.map(({ vars }) => vars).reverse()];
  const find = (name: ConnectionVar): Found | undefined => {
    for (const vars of levels)
      for (const spelling of connectionVars[name]) {
        const found = vars.get(spelling);
        if (found !== undefined && found.value !== null) return { ...found, name: spelling };
      }
    return undefined;
  };
  const reading =
    <T>(read: (found: Found) => T) =>
    (name: ConnectionVar): T | undefined => {
      const found = find(name);
      return found === undefined ? undefined : read(found);
    };
  const text = reading(readText);
  const sshArguments = reading(readSshArguments);
  const connection = find("connection");
  return {
    text,
    texts: reading((found) => (Array.isArray(found.value) ? found.value.map((value) => readText({ ...found, value })) : [readText(found)])),
    count: (name, most = Number.MAX_SAFE_INTEGER) => reading((found) => readCount(found, most))(name),
    flag: reading(readFlag),
    secret: reading((found) => readPassword(found, { ...host.vars, ...extraVars })),
    transport: () => (connection === undefined || sshNames.has(connection.value) ? "ssh" : readWord(connection, transports)),
    policy: () => reading((found) => (found.value === false ? "off" : readWord(found, hostKeyPolicies)))("hostKeyPolicy"),
    becomeMethod: () => reading((found) => readWord(found, becomeMethods))("becomeMethod") ?? "sudo",
    // In the order in which they stand on ssh's command line, where the first one counts.
    sshArguments: () => ({ ...sshArguments("sshExtraArguments"), ...sshArguments("sshCommonArguments"), ...sshArguments("sshArguments") }),
  };
}

function refuse(found: Found, expected: string): never {
  const shown = found.value instanceof Secret ? String(found.value) : JSON.stringify(found.value);
  throw new ConfigError(`${found.name} must be ${expected}, not ${shown}`, found.position);
}

/** Ansible's users keep encrypted values under names of their own: `password: "{{vault_password}}"`. */
function readPassword(found: Found, vars: Vars): Secret {
  if (found.value instanceof Secret) return found.value;
  const name = variableNamed(String(found.value));
  const value = name === undefined ? found.value : Object.hasOwn(vars, name) ? vars[name] : undefined;
  if (value instanceof Secret) return value;
  if (typeof value === "number" || (typeof value === "string" && !value.includes("{{"))) return new Secret(String(value));
  return refuse(
    found,
    `a password${name === undefined ? "" : `, or the name of a variable that is one${didYouMean(name, Object.keys(vars))}`}`,
  );
}

function readText(found: Found): string {
  const value = found.value instanceof Secret ? found.value.reveal() : found.value;
  if (typeof value !== "string" && typeof value !== "number") return refuse(found, "text");
  if (String(value).includes("{{")) return refuse(found, "the value itself: expressions are not evaluated in connection variables");
  return String(value) === "" ? refuse(found, "text") : String(value);
}

/** No arguments at all may be said, too. */
function readSshArguments(found: Found): SshArguments {
  if (found.value === "") return {};
  const read = parseSshArguments(readText(found));
  if (!("unknown" in read)) return read;
  throw new ConfigError(
    `${found.name}: kofleet has nothing for "${read.unknown}": write it into a file, name that with ssh_config, and set transport: openssh, which leaves it to ssh`,
    found.position,
  );
}

function readCount(found: Found, most: number): number {
  const number = Number(readText(found));
  return Number.isInteger(number) && number > 0 && number <= most ? number : refuse(found, "a whole number above 0");
}

/** Extra vars are text, so the words of YAML 1.1 count as well. */
function readFlag(found: Found): boolean {
  if (typeof found.value === "boolean") return found.value;
  const word = String(found.value).toLowerCase();
  if (["true", "yes", "on", "1"].includes(word)) return true;
  return ["false", "no", "off", "0"].includes(word) ? false : refuse(found, "true or false");
}

function readWord<W extends string>(found: Found, words: readonly W[]): W {
  const text = readText(found);
  return words.find((word) => word === text) ?? refuse(found, `one of ${words.join(", ")}${didYouMean(text, words)}`);
}
