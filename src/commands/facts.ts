import { initramfsListed, initramfsModule } from "../facts/initramfs.ts";
import { machine } from "../facts/machine.ts";
import { moduleDkms, moduleState } from "../facts/module.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import { askingContext } from "./run_session.ts";
import { type Asked, type SurveySession, surveyHosts } from "./survey.ts";

/** The options of `facts`. */
export interface FactsOptions extends CommonOptions {
  readonly manifest?: string;
}

/** `kofleet facts PATTERN`: what kofleet knows of a host, and with `-m` of a module on it. */
export async function facts(pattern: string, options: FactsOptions, console: Console): Promise<number> {
  const fleet = await openFleet(options, console);
  const module = options.manifest === undefined ? undefined : await moduleOf(options.manifest, fleet);
  const names = fleet.select(pattern);
  const asked = await surveyHosts(names, askingContext(names, fleet, console), (session) => ask(session, module));
  for (const one of asked) console.out.write(options.json ? `${JSON.stringify(one)}\n` : asText(one));
  return exitCodeOf(asked);
}

async function moduleOf(manifest: string, { secrets }: Fleet): Promise<string> {
  const { loadManifest } = await import("../config/manifest.ts");
  return (await loadManifest(manifest, secrets)).name;
}

async function ask(session: SurveySession, module: string | undefined) {
  if (module === undefined) return { host: session.host, ...(await session.facts({ machine })) };
  const known = await session.facts({
    machine,
    module: moduleState(module),
    dkms: moduleDkms(module),
    initramfs: initramfsModule(module, session.host.kernel),
    isListed: initramfsListed(module),
  });
  return { host: session.host, ...known };
}

/** The graver of what went wrong: 2 where an answer could not be read, 4 where a host was not reached. */
export function exitCodeOf(asked: readonly Asked<unknown>[]): number {
  const verdicts = new Set(asked.map((one) => ("verdict" in one ? one.verdict : "ok")));
  if (verdicts.has("failed")) return 2;
  return verdicts.has("unreachable") ? 4 : 0;
}

const asText = (one: Asked<unknown>): string =>
  "verdict" in one ? `${one.name}: ${one.verdict}: ${one.reason}\n` : `${one.name}:\n${lines(one.answer, "  ")}`;

/** Nested values as indented text; a dash for what is not there or not known. */
function lines(value: unknown, indent: string): string {
  if (Array.isArray(value))
    return value.length === 0
      ? `${indent}none\n`
      : value.map((item) => `${indent}-${isNested(item) ? `\n${lines(item, `${indent}  `)}` : ` ${word(item)}\n`}`).join("");
  return Object.entries(value as object)
    .map(([key, item]) => (isNested(item) ? `${indent}${key}:\n${lines(item, `${indent}  `)}` : `${indent}${key}: ${word(item)}\n`))
    .join("");
}

const isNested = (value: unknown): boolean => typeof value === "object" && value !== null && Object.keys(value).length > 0;
const word = (value: unknown): string => (value === undefined ? "-" : Array.isArray(value) ? "none" : String(value));
