import type { ScalarTag, Tags } from "yaml";

const tagOf = (name: "bool" | "int" | "float", test: RegExp, resolve: ScalarTag["resolve"]): ScalarTag => ({
  tag: `tag:yaml.org,2002:${name}`,
  default: true,
  test,
  resolve,
});

const number = (text: string): number => Number(text.replaceAll("_", ""));

/** A whole number that can't be held exactly stays as it is written. */
const whole = (base: number) => (text: string) => {
  const [, sign, digits = ""] = /^([-+]?)(?:0[bx])?(.*)$/.exec(text.replaceAll("_", "")) ?? [];
  const value = Number.parseInt(digits, base);
  return Number.isSafeInteger(value) ? (sign === "-" ? -value : value) : text;
};

/**
 * What plain words mean to Ansible, whose YAML is 1.1 as PyYAML reads it: `yes` is true, `0644` octal, `08` and `1e3` are text.
 * Only `22:30` is text here, and a number of base 60 there.
 */
const words: readonly ScalarTag[] = [
  tagOf("bool", /^(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/, (text) => /^(?:yes|on)$/i.test(text)),
  tagOf("int", /^[-+]?0b[01_]+$/, whole(2)),
  tagOf("int", /^[-+]?0[0-7_]+$/, whole(8)),
  tagOf("int", /^[-+]?(?:0|[1-9][0-9_]*)$/, whole(10)),
  tagOf("int", /^[-+]?0x[0-9a-fA-F_]+$/, whole(16)),
  tagOf("float", /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/, number),
  tagOf("float", /^[-+]?\.(?:inf|Inf|INF)$/, (text) => (text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)),
  tagOf("float", /^\.(?:nan|NaN|NAN)$/, () => Number.NaN),
];

/** The tags of a schema with these words in place of its own numbers. */
export const withAnsibleWords = (tags: Tags): Tags => [
  ...words,
  ...tags.filter((tag) => typeof tag === "string" || !/:(?:int|float)$/.test(tag.tag)),
];
