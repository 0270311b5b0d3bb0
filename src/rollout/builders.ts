import { type ArtifactKey, artifactName, type Provenance } from "../core/artifact.ts";
import { isCapable, type Surveyed } from "./survey.ts";

/** Where the artifact of one key comes from. */
export type Source =
  | { readonly kind: "store"; readonly artifact: Provenance }
  | { readonly kind: "donor"; readonly builder: string }
  | { readonly kind: "cross"; readonly builder: string }
  | { readonly kind: "none"; readonly reason: string };

/** A host that will build for itself, and the keys it builds. */
export interface Donor {
  readonly surveyed: Surveyed;
  readonly keys: readonly ArtifactKey[];
}

/** Finds a source for each key that hosts without a toolchain need: the store, a host that builds the same for itself, or a builder of the same system with that kernel's headers. */
export class SourceFinder {
  readonly #stored: ReadonlyMap<string, Provenance>;
  readonly #donors: readonly Donor[];
  readonly #builders: readonly Surveyed[];
  readonly #work = new Map<string, number>();
  readonly #known = new Map<string, Source>();

  constructor(stored: ReadonlyMap<string, Provenance>, donors: readonly Donor[], builders: readonly Surveyed[]) {
    this.#stored = stored;
    this.#donors = donors;
    this.#builders = builders.filter(isCapable);
  }

  /** One key has one source, whoever asks. */
  find(key: ArtifactKey): Source {
    const name = artifactName(key);
    const known = this.#known.get(name) ?? this.#look(key, name);
    this.#known.set(name, known);
    return known;
  }

  /** All keys asked for that a host must build, with that host. */
  get builds(): readonly { readonly name: string; readonly builder: string; readonly isCross: boolean }[] {
    return [...this.#known].flatMap(([name, source]) =>
      source.kind === "donor" || source.kind === "cross" ? [{ name, builder: source.builder, isCross: source.kind === "cross" }] : [],
    );
  }

  #look(key: ArtifactKey, name: string): Source {
    const artifact = this.#stored.get(name);
    if (artifact) return { kind: "store", artifact };
    const donor = this.#donors.find(({ keys }) => keys.some((own) => artifactName(own) === name));
    if (donor) return { kind: "donor", builder: donor.surveyed.name };
    const builder = this.#leastBusy(key);
    if (builder === undefined) return { kind: "none", reason: noBuilder(key) };
    this.#work.set(builder, (this.#work.get(builder) ?? 0) + 1);
    return { kind: "cross", builder };
  }

  /** Among the builders of the same distribution, release and architecture: declared ones first, then the one with the least to do. */
  #leastBusy(key: ArtifactKey): string | undefined {
    const fitting = this.#builders.filter(
      ({ host }) =>
        `${host.distribution} ${host.distributionVersion}`.trim() === key.distribution && host.architecture === key.architecture,
    );
    const load = ({ name, marks }: Surveyed): number => (this.#work.get(name) ?? 0) + (marks.builder ? 0 : 1_000_000);
    return fitting.toSorted((a, b) => load(a) - load(b))[0]?.name;
  }
}

const noBuilder = ({ distribution, kernel, architecture }: ArtifactKey): string =>
  `no builder for ${distribution} ${kernel} ${architecture}: set "builder: true" on one such host, or import an artifact`;
