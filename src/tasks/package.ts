import { z } from "zod";
import type { Fact } from "../core/fact.ts";
import type { Host } from "../core/host.ts";
import { change, type Step, unknown } from "../core/step.ts";
import { defineTask } from "../core/task.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { distributionOf } from "../distributions/find.ts";
import { machine } from "../facts/machine.ts";
import { packageVersions, unlistedPackages } from "../facts/packages.ts";
import { withEnvironment } from "./arguments.ts";
import { isStop, supportedDistribution } from "./supported.ts";

const packageName = z.string().regex(/^[A-Za-z0-9][\w.+:~-]*(?:=[\w.+:~-]+)?$/, "expected a package's name, or name=version");

type Versions = ReadonlyMap<string, string>;

/** A host without a distribution that kofleet knows is asked nothing: the plan refuses it. */
const noVersions: Fact<Versions> = { name: "packageVersions", command: ["true"], parse: () => new Map() };

const bareName = (wanted: string): string => wanted.replace(/=.*/, "");
const versionOf = (wanted: string): string | undefined => wanted.split("=")[1];
const bareNames = (name: string | readonly string[]): readonly string[] => [name].flat().map(bareName);

function isInstalled(wanted: string, versions: Versions): boolean {
  const found = versions.get(bareName(wanted));
  const version = versionOf(wanted);
  return found !== undefined && (version === undefined || version === found);
}

function factsOf(name: string | readonly string[], host: Host) {
  const distribution = distributionOf(host);
  const names = bareNames(name);
  return { versions: distribution ? packageVersions(distribution, names) : noVersions, unlisted: unlistedPackages(names) };
}

type Facts = ReturnType<typeof factsOf>;

const refreshStep = (distribution: Distribution, { unlisted }: Facts): Step => ({
  kind: "run",
  title: "fetch the package lists",
  ...distribution.refreshPackages(),
  detached: true,
  changes: [change(unlisted, () => [])],
  undo: { restore: [] },
});

function installStep(distribution: Distribution, missing: readonly string[], { versions }: Facts): Step {
  const removal = distribution.removePackages(missing.map(bareName));
  return {
    kind: "run",
    title: `install ${missing.join(", ")}`,
    ...distribution.installPackages(missing),
    detached: true,
    changes: [
      change(
        versions,
        (before) => new Map([...before, ...missing.map((wanted) => [bareName(wanted), versionOf(wanted) ?? "newest"] as const)]),
      ),
      change(machine, () => unknown),
    ],
    undo: { run: withEnvironment(removal.env, removal.argv) },
  };
}

function removeStep(distribution: Distribution, installed: readonly string[], { versions }: Facts): Step {
  const installation = distribution.installPackages(installed);
  return {
    kind: "run",
    title: `remove ${installed.join(", ")}`,
    ...distribution.removePackages(installed),
    detached: true,
    changes: [
      change(versions, (before) => new Map([...before].filter(([name]) => !installed.includes(name)))),
      change(machine, () => unknown),
    ],
    undo: { run: withEnvironment(installation.env, installation.argv) },
  };
}

/** Installs or removes packages, kernels' headers included, without restarting services or asking questions. */
export const packageTask = defineTask({
  name: "package",
  summary: "Installs or removes packages.",
  args: z.strictObject({
    name: z.union([packageName, z.array(packageName)]).describe("one or several packages; name=version for exactly that version"),
    state: z.enum(["present", "absent"]).default("present"),
    refresh: z.boolean().optional().describe("fetch the package lists before; else only where they lack a package"),
  }),
  facts: ({ name }, host) => factsOf(name, host),
  *plan({ name, state, refresh }, { versions, unlisted }, _, host) {
    const distribution = supportedDistribution(host);
    if (isStop(distribution)) return distribution;
    const facts = factsOf(name, host);
    if (state === "absent") {
      const installed = bareNames(name).filter((wanted) => versions.has(wanted));
      if (installed.length > 0) yield removeStep(distribution, installed, facts);
      return undefined;
    }
    const missing = [name].flat().filter((wanted) => !isInstalled(wanted, versions));
    if (missing.length === 0) return undefined;
    if (refresh ?? unlisted.length > 0) yield refreshStep(distribution, facts);
    yield installStep(distribution, missing, facts);
    return undefined;
  },
  result: (_, { versions }) => ({ versions: Object.fromEntries(versions) }),
});
