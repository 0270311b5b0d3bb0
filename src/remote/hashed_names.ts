import { createHmac, randomBytes } from "node:crypto";
import { blockWords, compress, initialState, stateWords } from "./sha1.ts";

/** A host name as `HashKnownHosts` keeps it: HMAC-SHA1 of the name with a salt of its own as key; 20 bytes each. */
export interface HashedName {
  readonly salt: Buffer;
  readonly digest: Buffer;
}

const hashBytes = 20;

/** Reads `|1|salt|digest`, both base64; undefined for anything else. */
export function parseHashedName(text: string): HashedName | undefined {
  const [, salt64, digest64] = /^\|1\|([\w+/=]+)\|([\w+/=]+)$/.exec(text) ?? [];
  if (salt64 === undefined || digest64 === undefined) return undefined;
  const [salt, digest] = [Buffer.from(salt64, "base64"), Buffer.from(digest64, "base64")];
  return salt.length === hashBytes && digest.length === hashBytes ? { salt, digest } : undefined;
}

/** A name as `|1|salt|digest`, with a salt nobody used before. */
export function hashName(name: string): string {
  const salt = randomBytes(hashBytes);
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

/** Which of many hashed names a name is: each has its own salt, so each must be tried. What depends on the salt alone is computed once. */
export class HashedNames {
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;
  readonly #digests: Int32Array;

  constructor(names: readonly HashedName[]) {
    this.#inner = paddedStates(names, 0x36);
    this.#outer = paddedStates(names, 0x5c);
    this.#digests = new Int32Array(names.length * stateWords);
    for (const [index, { digest }] of names.entries()) this.#digests.set(wordsOf(digest), index * stateWords);
  }

  /** The indexes of those that are the name. */
  find(name: string): readonly number[] {
    const blocks = blocksOf(Buffer.from(name));
    const found: number[] = [];
    for (let at = 0; at < this.#digests.length; at += stateWords) if (this.#isAt(at, blocks)) found.push(at / stateWords);
    return found;
  }

  #isAt(at: number, blocks: readonly Int32Array[]): boolean {
    let [states, start] = [this.#inner, at];
    for (const block of blocks) {
      compress(states, start, block, digest);
      [states, start] = [digest, 0];
    }
    lastBlock.set(digest);
    compress(this.#outer, at, lastBlock, digest);
    return digest.every((word, index) => word === this.#digests[at + index]);
  }
}

const digest = new Int32Array(stateWords);

/** HMAC's outer hash ends with a block that is filled with the inner digest alone: its words, the end mark, and the length in bits of salt block and digest. */
const lastBlock = new Int32Array(blockWords);
lastBlock[stateWords] = 0x80 << 24;
lastBlock[blockWords - 1] = (64 + hashBytes) * 8;

/** HMAC's first block for each salt (RFC 2104): the salt, filled up with zeros, xor the pad. */
function paddedStates(names: readonly HashedName[], pad: number): Int32Array {
  const states = new Int32Array(names.length * stateWords);
  const state = new Int32Array(stateWords);
  const block = Buffer.alloc(64);
  for (const [index, { salt }] of names.entries()) {
    block.fill(pad);
    for (let at = 0; at < salt.length; at++) block[at] = (salt[at] ?? 0) ^ pad;
    compress(initialState, 0, wordsOf(block), state);
    states.set(state, index * stateWords);
  }
  return states;
}

/** A message behind HMAC's first block, filled up as SHA-1 wants it: an end mark, zeros, and the length of both in bits. */
function blocksOf(message: Buffer): readonly Int32Array[] {
  const filled = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64);
  message.copy(filled);
  filled[message.length] = 0x80;
  filled.writeUInt32BE((64 + message.length) * 8, filled.length - 4);
  const words = wordsOf(filled);
  return Array.from({ length: words.length / blockWords }, (_, index) => words.subarray(index * blockWords, (index + 1) * blockWords));
}

function wordsOf(bytes: Buffer): Int32Array {
  const words = new Int32Array(bytes.length / 4);
  for (let at = 0; at < words.length; at++) words[at] = bytes.readInt32BE(at * 4);
  return words;
}
