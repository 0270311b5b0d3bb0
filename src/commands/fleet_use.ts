import { ConfigError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import { type Machine, machine } from "../facts/machine.ts";
import { type ModuleState, moduleState } from "../facts/module.ts";
import type { HostUse } from "../rollout/in_use.ts";
import type { Console } from "./console.ts";
import type { Fleet } from "./fleet.ts";
import { askingContext } from "./run_session.ts";
import { type Asked, type SurveySession, surveyHosts } from "./survey.ts";

/** Asks hosts which kernels and which of these modules they have. Throws a ConfigError where the pattern has no hosts: what they need would be nothing. */
export async function askUses(
  pattern: string,
  modules: readonly string[],
  fleet: Fleet,
  console: Console,
): Promise<readonly Asked<HostUse>[]> {
  const names = fleet.select(pattern);
  if (names.length === 0)
    throw new ConfigError(`"${pattern}" has no hosts, so nothing would be kept: leave --keep-running out if you mean that`);
  return surveyHosts(names, askingContext(names, fleet, console), (session) => askUse(session, modules));
}

type Wanted = { readonly machine: Fact<Machine> } & Readonly<Record<`module ${string}`, Fact<ModuleState>>>;

async function askUse({ host, facts }: SurveySession, modules: readonly string[]): Promise<HostUse> {
  const wanted: Wanted = { machine, ...Object.fromEntries(modules.map((name) => [`module ${name}`, moduleState(name)])) };
  const states = await facts(wanted);
  const entries = modules.flatMap((name): [string, ModuleState][] => {
    const state = states[`module ${name}`];
    return state === undefined ? [] : [[name, state]];
  });
  return { host, machine: states.machine, modules: new Map(entries) };
}
