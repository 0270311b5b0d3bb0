import { type FileState, fileState } from "../facts/files.ts";
import { hostPath } from "./file_arguments.ts";

/** A path whose being there says that a command need not run. */
export const createsArgument = { creates: hostPath.optional().describe("a path; where it is there, nothing is run") };

/** The fact behind `creates`; no question where it isn't given. */
export const createsFact = (creates: string | undefined) => (creates === undefined ? {} : { created: fileState(creates) });

export const isCreated = (facts: { readonly created?: FileState }): boolean =>
  facts.created !== undefined && facts.created.kind !== "absent";
