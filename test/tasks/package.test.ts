import { expect, test } from "vitest";
import { packageTask } from "../../src/tasks/package.ts";
import { redhatHost, suseHost } from "./kernel_fixture.ts";
import { debianHost, planOf } from "./planning.ts";
import { planAgain } from "./prediction.ts";

const none = new Map<string, string>();
const some = new Map([["dkms", "3.0.10-8"]]);
const titles = (
  args: Parameters<typeof planOf>[1],
  versions: ReadonlyMap<string, string>,
  unlisted: readonly string[] = [],
  host = debianHost,
) => {
  const { steps, stop } = planOf(packageTask, args as never, { versions, unlisted }, {}, host);
  return stop ?? steps.map((step) => step.title);
};

test.each([
  ["what is missing is installed at once", { name: ["dkms", "gcc"] }, none, [], ["install dkms, gcc"]],
  ["what is there is left alone", { name: ["dkms", "gcc"] }, some, [], ["install gcc"]],
  ["lists without the package are fetched before", { name: "gcc" }, some, ["gcc"], ["fetch the package lists", "install gcc"]],
  ["refresh: false takes the lists as they are", { name: "gcc", refresh: false }, some, ["gcc"], ["install gcc"]],
  ["refresh: true fetches them anyway", { name: "gcc", refresh: true }, some, [], ["fetch the package lists", "install gcc"]],
  ["another version is not the wanted one", { name: "dkms=3.2" }, some, [], ["install dkms=3.2"]],
  ["what is there is removed", { name: ["dkms", "gcc"], state: "absent" }, some, [], ["remove dkms"]],
])("%s", (_, args, versions, unlisted, steps) => {
  expect(titles(args, versions, unlisted)).toEqual(steps);
  expect(planAgain(packageTask, args as never, { versions, unlisted }, {})).toEqual({ steps: [], stop: undefined });
});

test.each([
  ["all is there", { name: ["dkms"] }, some],
  ["it is there in the wanted version", { name: "dkms=3.0.10-8" }, some],
  ["what must be absent is", { name: "dkms", state: "absent" }, none],
  ["nothing is named", { name: [] }, none],
])("plans nothing once %s, even with lists that lack it", (_, args, versions) => {
  expect(titles(args, versions, ["dkms"])).toEqual([]);
});

test("installs apart from the connection, in the family's own way, and can take it back", () => {
  const { steps } = planOf(packageTask, { name: ["dkms=3.0.10-8"] }, { versions: none, unlisted: [] }, {});
  expect(steps).toMatchObject([
    {
      kind: "run",
      detached: true,
      env: { DEBIAN_FRONTEND: "noninteractive" },
      undo: { run: expect.arrayContaining(["env", "DEBIAN_FRONTEND=noninteractive", "remove", "dkms"]) },
    },
  ]);
  const dnf = planOf(packageTask, { name: "dkms" }, { versions: none, unlisted: [] }, {}, redhatHost);
  expect(dnf.steps).toMatchObject([{ argv: expect.arrayContaining(["dnf", "install", "dkms"]) }]);
});

test("refuses a family that it does not know, and asks it nothing", () => {
  expect(titles({ name: "dkms" }, none, [], suseHost)).toMatchObject({ verdict: "failed", reason: expect.stringContaining("SUSE") });
  expect(packageTask.facts({ name: "dkms", state: "present" }, suseHost).versions.command).toEqual(["true"]);
});

test.each(["-y", "a b", "", "dkms;id", "../dkms"])("takes no %j for a package", (name) => {
  expect(packageTask.args.safeParse({ name }).success).toBe(false);
});
