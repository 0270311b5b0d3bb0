import { foldHosts } from "./fold.ts";
import { groupBy } from "./group.ts";
import { renderTable } from "./render_table.ts";
import { type Screen, safeLine } from "./screen.ts";
import type { Row } from "./table.ts";
import type { Tone } from "./tone.ts";

/** What known_hosts says of a key: `changed` means that another key of its type is known for the host. */
export type KeyState = "known" | "new" | "changed" | "revoked";

/** A host key that a host showed. */
export interface ShownKey {
  readonly host: string;
  readonly type: string;
  /** "SHA256:…", as ssh-keygen prints it. */
  readonly fingerprint: string;
  readonly state: KeyState;
  /** The file and line that contradicts it. */
  readonly place?: string;
}

const tones: Readonly<Record<KeyState, Tone>> = { known: "quiet", new: "plain", changed: "bad", revoked: "bad" };

/** The name that ssh-keygen gives a type of key: "ED25519". */
const keyName = (type: string): string =>
  /^(?:ssh-|ecdsa-)?(ed25519|rsa|sha2)/.exec(type)?.[1]?.replace("sha2", "ecdsa").toUpperCase() ?? type;

/** A row per key; hosts that show the same key share one. */
export function trustTable(keys: readonly ShownKey[], screen: Screen): string {
  const groups = groupBy(keys, ({ host: _, ...key }) => key);
  return renderTable(
    {
      columns: [{ title: "HOST", least: 10 }, { title: "KEY" }, { title: "FINGERPRINT", least: 20 }, { title: "STATE" }],
      rows: groups.map((group) => row(group, screen)),
      notesTitle: "WHY",
    },
    screen,
  );
}

function row(group: readonly [ShownKey, ...ShownKey[]], screen: Screen): Row {
  const [{ type, fingerprint, state, place }] = group;
  const names = foldHosts(group.map(({ host }) => host));
  const cells = [names, keyName(type), fingerprint, state].map((text) => ({ text: safeLine(text, screen), tone: tones[state] }));
  return {
    cells,
    ...(place !== undefined && { notes: [{ text: `not accepted: it contradicts ${safeLine(place, screen)}`, tone: tones[state] }] }),
  };
}
