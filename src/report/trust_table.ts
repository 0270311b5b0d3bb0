import { foldHosts } from "./fold.ts";
import { groupBy } from "./group.ts";
import { renderTable } from "./render_table.ts";
import { type Screen, safeLine } from "./screen.ts";
import type { Row } from "./table.ts";
import type { Tone } from "./tone.ts";

/** What is to be said of a key: by what known_hosts has of its host, and by a list of keys where one is given. */
export type KeyState = "known" | "new" | "changed" | "missing" | "revoked" | "mismatch" | "unlisted";

/** A key that a host showed, or should have shown. */
export interface ShownKey {
  readonly host: string;
  /** As known_hosts spells it: "ssh-ed25519". */
  readonly type: string;
  /** As ssh-keygen spells it: "ED25519". */
  readonly title: string;
  /** "SHA256:…", as ssh-keygen prints it. */
  readonly fingerprint: string;
  readonly state: KeyState;
  /** The file and line that decided it. */
  readonly place?: string;
  /** The command that removes what known_hosts has of the host. */
  readonly removal?: string;
}

const tones: Readonly<Record<KeyState, Tone>> = {
  known: "quiet",
  new: "plain",
  changed: "bad",
  missing: "change",
  revoked: "bad",
  mismatch: "bad",
  unlisted: "change",
};

/** Why a key is not accepted, and what to do about it. */
const notes: Readonly<Record<KeyState, (key: ShownKey) => string | undefined>> = {
  known: () => undefined,
  new: () => undefined,
  changed: ({ place, removal }) => `not accepted: it contradicts ${place}; if the host was set up anew: ${removal}`,
  missing: ({ place, removal }) => `known by ${place}, and no longer shown; if it was retired: ${removal}`,
  revoked: ({ place }) => `not accepted: revoked by ${place}`,
  mismatch: ({ place }) => `not accepted: ${place} lists another key`,
  unlisted: () => "not accepted: the list does not have it",
};

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
  const [key] = group;
  const tone = tones[key.state];
  const names = foldHosts(group.map(({ host }) => host));
  const cells = [names, key.title, key.fingerprint, key.state].map((text) => ({ text: safeLine(text, screen), tone }));
  const note = notes[key.state](key);
  return { cells, ...(note !== undefined && { notes: [{ text: safeLine(note, screen), tone }] }) };
}
