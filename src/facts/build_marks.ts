/** What tells builds of a module apart: srcversion those of different sources, the linker's build id, in hex, also those of one source. */
export interface BuildMarks {
  readonly srcversion: string | undefined;
  readonly buildId: string | undefined;
}

const isKnownToDiffer = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && a !== b;

/** Whether they are known to be different builds; what only one of them tells is not held against the other. */
export const isOtherBuild = (a: BuildMarks, b: BuildMarks): boolean =>
  isKnownToDiffer(a.srcversion, b.srcversion) || isKnownToDiffer(a.buildId, b.buildId);
