import { isIPv6 } from "node:net";

/** A host as inventories write it, with the port behind it if there is one. */
export interface HostAddress {
  readonly name: string;
  readonly port?: number;
}

const range = "\\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\\]";
const label = `(?:[\\p{L}\\p{N}_]|${range})(?:[\\p{L}\\p{N}_-]|${range})*(?<![_-])`;
const hostname = new RegExp(`^${label}(?:\\.${label})*$`, "iu");
const hexRange = /\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]/gi;

const isAddress = (text: string): boolean => hostname.test(text) || isIPv6(text.replaceAll(hexRange, "0"));

/** Reads `name`, `name:22`, `2001:db8::1` and `[2001:db8::1]:22`, each with ranges, by the rules of Ansible's parse_address; undefined: it is none of them. */
export function parseAddress(text: string): HostAddress | undefined {
  const [, name = text, port] = /^\[(.+)\]:([0-9]+)$/.exec(text) ?? /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/.exec(text) ?? [];
  if (!isAddress(name)) return undefined;
  return { name, ...(port !== undefined && { port: Number(port) }) };
}
