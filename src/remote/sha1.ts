/** Words of a SHA-1 state, or of a digest. */
export const stateWords = 5;
/** Words of a block: 64 bytes. */
export const blockWords = 16;

/** Where SHA-1 starts. */
export const initialState = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);

const schedule = new Int32Array(80);

/**
 * One block of SHA-1 (FIPS 180-4, section 6.1.2): the state at `at` of `states` and a block make the state in `result`.
 * For known_hosts with tens of thousands of hashed names: an HMAC of node's costs 2 µs, most of it for its objects, and one of these 0.5 µs.
 */
export function compress(states: Int32Array, at: number, block: Int32Array, result: Int32Array): void {
  const w = schedule;
  w.set(block);
  for (let t = blockWords; t < 80; t++) {
    const mixed = (w[t - 3] ?? 0) ^ (w[t - 8] ?? 0) ^ (w[t - 14] ?? 0) ^ (w[t - 16] ?? 0);
    w[t] = (mixed << 1) | (mixed >>> 31);
  }
  let a = states[at] ?? 0;
  let b = states[at + 1] ?? 0;
  let c = states[at + 2] ?? 0;
  let d = states[at + 3] ?? 0;
  let e = states[at + 4] ?? 0;
  for (let t = 0; t < 80; t++) {
    const next = (((a << 5) | (a >>> 27)) + roundOf(t, b, c, d) + e + (w[t] ?? 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  result[0] = (states[at] ?? 0) + a;
  result[1] = (states[at + 1] ?? 0) + b;
  result[2] = (states[at + 2] ?? 0) + c;
  result[3] = (states[at + 3] ?? 0) + d;
  result[4] = (states[at + 4] ?? 0) + e;
}

/** The function and the constant of a round. */
function roundOf(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((d ^ (b & (c ^ d))) + 0x5a827999) | 0;
  if (t < 40) return ((b ^ c ^ d) + 0x6ed9eba1) | 0;
  if (t < 60) return (((b & c) | (d & (b | c))) + 0x8f1bbcdc) | 0;
  return ((b ^ c ^ d) + 0xca62c1d6) | 0;
}
