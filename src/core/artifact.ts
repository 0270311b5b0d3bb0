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
  /** sha256 over the laid-out source, as `config` computes it from the manifest. */
  readonly source: string;
}

/** Where an artifact comes from. Stored beside it as JSON; every field is a fact that was seen, none is derived later. */
export interface Provenance extends ArtifactKey {
  /** sha256 of the module file as stored (uncompressed ELF). */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly vermagic: string;
  readonly srcversion: string;
  /** Inventory name of the host that built it. */
  readonly builder: string;
  /** First line of the compiler's `--version`. */
  readonly compiler: string;
  /** What `dkms --version` prints. */
  readonly dkms: string;
  /** ISO 8601, UTC. */
  readonly builtAt: string;
  /** Id of the run that built it. */
  readonly run: string;
}

/** The key as one word, for names of folders and messages: stable, printable, without slashes. */
export const artifactName = (key: ArtifactKey): string =>
  [key.module, key.version, key.kernel, key.kernelPackage, key.architecture, key.distribution, key.source.slice(0, 12)]
    .map((part) => part.replace(/[^\w.+~-]/g, "_"))
    .join("@");
