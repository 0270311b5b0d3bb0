import ssh2, { type ParsedKey } from "ssh2";

const parse = (privateKey: string): ParsedKey => {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return key;
};

/** A host key of ssh2's server that shows one key and signs with another; each is asked for anew whenever keys are exchanged. */
export function rogueKey(shown: () => string, signing: () => string): string {
  const key: unknown = Object.create(parse(shown()), {
    getPublicSSH: { value: () => parse(shown()).getPublicSSH() },
    sign: { value: (data: Buffer, algorithm?: string) => parse(signing()).sign(data, algorithm) },
  });
  // Its types know texts only, but it takes a key that is already parsed.
  return { key } as unknown as string;
}
