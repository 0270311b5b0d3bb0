import { access } from "node:fs/promises";

/** For each key that has a certificate beside it, where ssh looks for one: that ssh2 can't show it, and what can. */
export async function certificateNotes(keys: readonly string[]): Promise<readonly string[]> {
  const notes = keys.map((key) => {
    const certificate = `${key}-cert.pub`;
    return access(certificate).then(
      () => [`${certificate} is a certificate, which only \`transport: openssh\` can log in with`],
      () => [],
    );
  });
  return (await Promise.all(notes)).flat();
}
