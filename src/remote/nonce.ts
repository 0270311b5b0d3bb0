import { randomBytes } from "node:crypto";

/** A word nobody can guess: 128 bits in hex. */
export const createNonce = (): string => randomBytes(16).toString("hex");
