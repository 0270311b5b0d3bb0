import { createVault, type Vault } from "./vault.ts";

/** What secrets are found with that files only point at or hold encrypted. */
export interface SecretSources {
  readonly vault: Vault;
  /** For `env:NAME`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder that `~/` stands for in `file:~/PATH`. */
  readonly home: string;
}

/** Sources of texts that may point at nothing: without passwords and variables. */
export const noSecretSources: SecretSources = { vault: createVault([]), environment: {}, home: "/" };
