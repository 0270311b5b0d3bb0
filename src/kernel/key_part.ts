import { z } from "zod";

const leadsElsewhere = (part: string): boolean => part.includes("/") || part.split(" ").some((word) => word === "." || word === "..");

/**
 * A part of an artifact's key. Files and folders are named by parts and by their words, here and on hosts, as the templates of a manifest say: none may
 * have a slash, or "." or ".." for a word. What else a part has to look like is up to its field.
 */
export const keyPart = z
  .string()
  .refine((part) => !leadsElsewhere(part), 'files are named by it: expected no slash, and neither "." nor ".." as a word');
