import type { ArtifactKey, Provenance } from "./artifact.ts";
import type { KernelStore } from "./kernel_evidence.ts";

/** Bytes that steps may write, by sha256: added on reading an input, handed to a connection when a step needs them. */
export interface Contents {
  /** Remembers bytes; returns their sha256 in hex. */
  add(bytes: Uint8Array): string;
  /** Remembers a file of the control machine by its digest, without holding it in memory; returns sha256 and size in bytes. */
  addFile(path: string): Promise<{ readonly sha256: string; readonly size: number }>;
  /** The bytes again. Throws a KofleetError for a digest never added, or a file that changed since. */
  open(sha256: string): Promise<Uint8Array>;
  /** What somebody sees in the bytes, whose they are only until they return: a file's are read into memory that is used again. Throws as `open` does. */
  look<T>(sha256: string, see: (bytes: Uint8Array) => T): Promise<T>;
}

/** An artifact in the store. */
export interface StoredArtifact {
  readonly provenance: Provenance;
  /** The module file, on the control machine. */
  readonly path: string;
}

/** What is known of the signature over an artifact's provenance. `unknown`: it is signed, and nobody said who may sign. */
export type SignatureState =
  | { readonly kind: "unsigned" }
  | { readonly kind: "holds"; readonly signer: string }
  | { readonly kind: "refused" | "unknown"; readonly problem: string };

/** An artifact whose file is what its provenance says. */
export interface FoundArtifact extends StoredArtifact {
  readonly signature: SignatureState;
}

/** A folder of the store whose provenance can't be read. */
export interface DamagedFolder {
  /** The `artifactName` of what should be there. */
  readonly name: string;
  readonly problem: string;
}

/** The artifacts of the control machine. */
export interface ArtifactStore {
  /** Whether hosts are given only what an allowed signer signed. */
  readonly requiresSignature: boolean;
  /** The artifact with exactly this key; its file is checked against its provenance, and a ProofError names what differs. */
  find(key: ArtifactKey): Promise<FoundArtifact | undefined>;
  /** Stores a module file, compressed or not, atomically; a second artifact of the same key replaces the first. Throws a ProofError where the module is not the provenance's. */
  add(provenance: Provenance, bytes: Uint8Array, log?: string): Promise<StoredArtifact>;
  /** Every artifact whose provenance can be read. */
  list(): Promise<readonly StoredArtifact[]>;
  /** The others: nobody knows what they are, so nothing is said against the rest. */
  damaged(): Promise<readonly DamagedFolder[]>;
}

/** The certificate of the key that signs the fleet's modules. */
export interface FleetCertificate {
  /** For people. */
  readonly name: string;
  /** Lower-case hex: what signatures call the key. */
  readonly serial: string;
  /** Lower-case hex: what hosts call it; absent where the certificate has none. */
  readonly subjectKeyId?: string;
  /** Whether a module's signature is that key's as it is made here, over exactly these bytes; absent where others sign, in forms of their own. */
  hasSigned?(module: Uint8Array): boolean;
  /** Set where builders hold the key, and their dkms signs with it. */
  readonly isOnBuilders?: true;
}

/** Whether builders sign with the fleet's key. */
export const isKeyOnBuilders = (certificate: FleetCertificate | undefined): certificate is FleetCertificate =>
  certificate?.isOnBuilders === true;

/** What inputs may read on the control machine. */
export interface Control {
  /** Absent: the fleet signs no modules. */
  readonly certificate?: FleetCertificate;
  readonly contents: Contents;
  readonly artifacts: ArtifactStore;
  readonly kernels: KernelStore;
  /** Id of the run, for provenance. */
  readonly run: string;
  now(): Date;
}

/** One read-only question to the control machine: a file's digest, a rendered template, an artifact's summary. Named as facts are. */
export interface Input<T> {
  readonly name: string;
  read(control: Control): Promise<T>;
}

/** Inputs by the name under which a plan reads them. */
export type InputMap = Readonly<Record<string, Input<unknown>>>;
