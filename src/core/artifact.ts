/** What decides whether an artifact fits a kernel: `uname -r` alone does not, since distributions rebuild under one name. */
export interface ArtifactKey {
  /** `ID` and `VERSION_ID` of os-release: "debian 12". */
  readonly distribution: string;
  /** What `uname -r` prints. */
  readonly kernel: string;
  /** Version of the package that owns vmlinuz; for unowned kernels `build-id:` and the id in `/sys/kernel/notes`. */
  readonly kernelPackage: string;
  /** What `uname -m` prints. */
  readonly architecture: string;
  readonly module: string;
  readonly version: string;
  /** sha256 over the laid-out source, as `config` computes it from the manifest; or `unknownSource`. */
  readonly source: string;
}

/** A build that kofleet saw. What it did not see is absent. */
export interface BuiltOrigin {
  readonly kind: "built";
  /** Inventory name of the host that built it. */
  readonly builder: string;
  /** What the module's own .comment says: "GCC: (Debian 12.2.0-14) 12.2.0"; the first line of the builder's `gcc --version` where it says nothing. */
  readonly compiler?: string;
  /** CONFIG_CC_VERSION_TEXT of the kernel that it is for. */
  readonly kernelCompiler?: string;
  /** First line of `make --version`. */
  readonly make?: string;
  /** What `dkms --version` prints. */
  readonly dkms?: string;
  /** Variables that decide what a compiler does (CC, KCFLAGS and the like), where the build's log shows them. */
  readonly flags?: Readonly<Record<string, string>>;
  /** sha256 of the symbol map that it was built against. */
  readonly symbolMap?: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Id of the run that built it. */
  readonly run: string;
}

/** A file that somebody brought, and that nobody saw being built. */
export interface ImportedOrigin {
  readonly kind: "imported";
  /** The user of the control machine. */
  readonly by: string;
  /** The file's name, or the host and the path there: "web1:/root/packages/x.tar.gz". */
  readonly from: string;
  /** sha256 of that file. */
  readonly file: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** How an artifact came to be. */
export type Origin = BuiltOrigin | ImportedOrigin;

/** Where an artifact comes from. Stored beside it as JSON; every field is a fact that was seen, none is derived later. */
export interface Provenance extends ArtifactKey {
  /** sha256 of the module file as stored (uncompressed ELF). */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** sha256 of the module as it was built, where the control machine signed it. */
  readonly unsigned?: string;
  /** sha256 of the file as it was found compressed, by the compression; absent where the control machine signed the module, which nobody compressed since. */
  readonly packed?: { readonly xz?: string; readonly zst?: string; readonly gz?: string };
  readonly vermagic: string;
  readonly srcversion: string;
  /** sha256 of the build's log. */
  readonly log?: string;
  readonly origin: Origin;
}

/** What `source` is in the key of an artifact whose source nobody knows: no rollout ever asks for it. */
export const unknownSource = "unknown";

/** The key as one word, for names of folders and messages: stable, printable, without slashes. */
export const artifactName = (key: ArtifactKey): string =>
  [key.module, key.version, key.kernel, key.kernelPackage, key.architecture, key.distribution, key.source.slice(0, 12)]
    .map((part) => part.replace(/[^\w.+~-]/g, "_"))
    .join("@");
