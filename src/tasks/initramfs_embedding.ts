import type { Input } from "../core/input.ts";
import { change, type Step } from "../core/step.ts";
import type { Distribution, InitramfsEmbedding } from "../distributions/distribution.ts";
import { initramfsListed } from "../facts/initramfs.ts";

/** The sha256 of the file by which dracut embeds a module, for distributions that need one; else of nothing. */
export const embeddingFile = (distribution: Distribution | undefined, module: string): Input<string> => ({
  name: `embeddingFile ${distribution?.family ?? "none"} ${module}`,
  async read({ contents }) {
    const embedding = distribution?.initramfsEmbedFile(module);
    return contents.add(Buffer.from(embedding?.kind === "file" ? embedding.content : ""));
  },
});

/** Adds line $2 to file $1, whose last line may lack its end; all of it in one rename. */
const addLine = `
set -e
[ -f "$1" ] && cp -p -- "$1" "$1.kofleet" || : > "$1.kofleet"
[ -z "$(tail -c 1 "$1.kofleet")" ] || echo >> "$1.kofleet"
printf '%s\\n' "$2" >> "$1.kofleet"
mv -f -- "$1.kofleet" "$1"
`;

/** Takes the lines whose first word is $2 out of file $1. */
const dropLine = `
set -e
cp -p -- "$1" "$1.kofleet"
while IFS= read -r line || [ -n "$line" ]; do
  set -f; set -- "$1" "$2" $line; set +f
  [ "\${3-}" = "$2" ] || printf '%s\\n' "$line"
done < "$1" > "$1.kofleet"
mv -f -- "$1.kofleet" "$1"
`;

/** Lists a module among those that the host's tool embeds. */
export function embedStep(embedding: InitramfsEmbedding, module: string, sha256: string): Step {
  const effect = {
    title: `list ${module} for the initramfs`,
    changes: [change(initramfsListed(module), () => true)],
    undo: { restore: [embedding.path] },
  } as const;
  if (embedding.kind === "file") return { kind: "write", path: embedding.path, sha256, mode: 0o644, ...effect };
  return { kind: "script", script: addLine, args: [embedding.path, embedding.line], ...effect };
}

/** Takes a module off that list again. */
export function unlistStep(embedding: InitramfsEmbedding, module: string): Step {
  const effect = {
    title: `take ${module} off the list for the initramfs`,
    changes: [change(initramfsListed(module), () => false)],
    undo: { restore: [embedding.path] },
  } as const;
  if (embedding.kind === "file") return { kind: "remove", path: embedding.path, ...effect };
  return { kind: "script", script: dropLine, args: [embedding.path, embedding.line], ...effect };
}
