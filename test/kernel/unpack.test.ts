import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProofError } from "../../src/core/error.ts";
import { packingOf } from "../../src/kernel/compression.ts";
import { unpackModule } from "../../src/kernel/unpack.ts";
import { expectWithin } from "../quickness.ts";

const text = "kofleet unpacks this text, this text and this text again\n";
const packed = {
  xz: "/Td6WFoAAAFpIt42AgAhARAAAACocI6G4AA4ACpdADWbyPcQBoYb1jH1uaTxO1s2s7zdmRF5DWDQYrjeWVXY7p3xHrourXcAAAAAAKWV3DwAAUI5pBDMvZBCmQ0BAAAAAAFZWg==",
  zst: "KLUv/SQ5bQEANAJrb2ZsZWV0IHVucGFja3MgdGhpcyB0ZXh0LCBhbmRnYWluCgIAMTnRWxkD5dUkyA==",
  gz: "H4sIAAAAAAAAA8vOT8tJTS1RKM0rSEzOLlYoycgEEqkVJToIpkJiXgoyLz0xM48LAKWV3Dw5AAAA",
} as const;
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
const zeros = {
  xz: "/Td6WFoAAAFpIt42AgAhARAAAACocI6G4w0/AGFdAABv/f//o7f/Rz5IFXI5YVG4kijmo4YH+e7kHoLTL8U6PAFLsX7JiopNL6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElk4ulcU7IE2PdEDKtfDW1G6eXDdoi3fz/n8wAAAAAAe1jgXAABecCaDAAAq5iK3T4wDYsCAAAAAAFZWg==",
  zst: "KLUv/aRADQMATAAACAABAPz/ORACA2oIAMTpdHA=",
  gz: gzipSync(new Uint8Array(200_000)).toString("base64"),
} as const;

describe.each(["xz", "zst", "gz"] as const)("%s", (packing) => {
  const whole = bytesOf(packed[packing]);

  test("is known by its first bytes, and unpacked", async () => {
    expect(packingOf(whole)).toBe(packing);
    expect(Buffer.from(await unpackModule(whole)).toString()).toBe(text);
  });

  test("is unpacked to the limit, and no byte further", async () => {
    expect(Buffer.alloc(200_000).equals(await unpackModule(bytesOf(zeros[packing]), 200_000))).toBe(true);
    await expect(unpackModule(bytesOf(zeros[packing]), 199_999)).rejects.toThrow(
      `its compression (${packing}) is damaged, or it unpacks to more`,
    );
  });

  test("is refused when truncated anywhere", async () => {
    for (let size = 6; size < whole.length; size++)
      await expect(unpackModule(whole.subarray(0, size)), `${size}`).rejects.toThrow(ProofError);
  });

  test("is refused when damaged, or what it unpacks to is untouched", async () => {
    for (let bit = 6 * 8; bit < whole.length * 8; bit += 7) {
      const damaged = whole.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const unpacked = await unpackModule(damaged).catch((error: unknown) => error);
      if (!(unpacked instanceof ProofError)) expect(Buffer.from(unpacked as Uint8Array).toString(), `bit ${bit}`).toBe(text);
    }
  });

  test("several at once", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => unpackModule(whole)));
    expect(all.map((bytes) => Buffer.from(bytes).toString())).toEqual(Array(8).fill(text));
  });

  test("is unpacked or refused, whatever follows its magic", async () => {
    const magic = whole.subarray(0, 6);
    const unpacks = (rest: Uint8Array) =>
      unpackModule(Buffer.concat([magic, rest]), 1_000_000).catch((error: unknown) => expect(error).toBeInstanceOf(ProofError));
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (rest) => void (await unpacks(rest))));
  });
});

test("what is not compressed comes back as it is", async () => {
  const bytes = Buffer.from("\x7fELF");
  expect(await unpackModule(bytes)).toBe(bytes);
});

test("what is too large is not even looked at", async () => {
  await expect(unpackModule(new Uint8Array(11), 10)).rejects.toThrow("it is too large for a module: 11 bytes, the limit is 10");
});

test("a zstd frame of 27 bytes that promises a hundred thousand matches of 64 KiB is refused at once", async () => {
  const frame = Buffer.from("28b52ffd0058750000" + "0841ffffff54000034000000000" + "1", "hex");
  await expectWithin(500, () => expect(unpackModule(frame)).rejects.toThrow(ProofError));
});
