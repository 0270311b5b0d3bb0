/** What tells builds of a module apart. */
export interface BuildMarks {
  /** modinfo's, which is of the source alone. */
  readonly srcversion: string | undefined;
  /** The linker's build id, in hex: of all that was linked; stripping and signing leave it as it is. */
  readonly buildId: string | undefined;
}

const isKnownToDiffer = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && a !== b;

/** Whether two modules are known to be of different builds; what one of them doesn't tell says nothing. */
export const isOtherBuild = (one: BuildMarks, other: BuildMarks): boolean =>
  isKnownToDiffer(one.srcversion, other.srcversion) || isKnownToDiffer(one.buildId, other.buildId);
