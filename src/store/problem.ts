import { z } from "zod";
import { messageOf } from "../core/error.ts";

/** What is wrong with a file's contents, in words: a line for each field. */
export const problemOf = (error: unknown): string => (error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error));
