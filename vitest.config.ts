import { defineConfig } from "vitest/config";

/** Milliseconds after which a test on emulated machines is ended as one that hangs: how long it takes is up to the machine that emulates them. */
const hanging = 6 * 3_600_000;
const emulated = { fileParallelism: false, testTimeout: hanging, hookTimeout: hanging };

export default defineConfig({
  test: {
    maxWorkers: "100%",
    // What one run has transformed the next finds again: half of the time of a run of few tests.
    experimental: { fsModuleCache: true },
    coverage: { provider: "v8", include: ["src/**"], reporter: ["text-summary", "json-summary"], thresholds: { lines: 85 } },
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.slow.test.ts", "test/lab/**", "test/e2e/**", "test/network/**", "test/modules/**"],
          // A process for each of a hundred files costs more than all their tests; none of them changes what others see.
          pool: "threads",
          isolate: false,
          // A machine that others use too takes several times as long; how long they may take is no test.
          testTimeout: 600_000,
        },
      },
      // They wait: for deadlines, for processes, for servers that misbehave.
      { test: { name: "slow", include: ["test/**/*.slow.test.ts"], pool: "threads", isolate: false, testTimeout: 30_000 } },
      {
        test: {
          name: "network",
          include: ["test/network/**/*.test.ts"],
          globalSetup: "test/network/prerequisites.ts",
          fileParallelism: false,
          testTimeout: 150_000,
          hookTimeout: 150_000,
        },
      },
      { test: { name: "modules", include: ["test/modules/**/*.test.ts"], testTimeout: 600_000 } },
      // All kinds of damaged and wrongly built modules on real machines, of which the lab's run has a few; and a signed one, which it has not.
      {
        test: {
          name: "proofs",
          include: ["test/e2e/proofs.test.ts", "test/e2e/signing.test.ts"],
          env: { KOFLEET_PROOFS: "all" },
          ...emulated,
        },
      },
      // Needs the source of dattobd, which is not the project's: docs/dattobd.md.
      { test: { name: "dattobd", include: ["test/e2e/dattobd.test.ts"], ...emulated } },
      {
        test: {
          name: "lab",
          include: ["test/e2e/**/*.test.ts"],
          exclude: ["test/e2e/dattobd.test.ts", "test/e2e/signing.test.ts"],
          ...emulated,
        },
      },
    ],
  },
});
