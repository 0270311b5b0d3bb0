import { FactError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import { readCount, readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** What a file holds; `bytes` is absent where it has more than were wanted. */
export type FileBytes = { readonly kind: "absent" } | { readonly kind: "file"; readonly size: number; readonly bytes?: Uint8Array };

const script = `${sayParts}
if [ ! -e "$1" ] && [ ! -L "$1" ]; then
  say absent yes
elif [ -f "$1" ] && size=$(wc -c < "$1"); then
  say size "$((size))"
  [ "$size" -gt "$2" ] || base64 < "$1" | every line
fi
echo end
`;

/** The bytes of a file of at most so many; a FactError where it is no file, or may not be read. */
export const fileBytes = (path: string, most: number): Fact<FileBytes> => ({
  name: `fileBytes ${path} ${most}`,
  command: ["sh", "-c", script, "sh", path, `${most}`],
  parse(answer) {
    const record = readRecord(answer, path);
    if (record.optional("absent") !== undefined) return { kind: "absent" };
    const size = record.optional("size");
    if (size === undefined) throw new FactError(`cannot read ${path}: it is no file, or may not be read`);
    const count = readCount(size, path);
    if (count > most) return { kind: "file", size: count };
    const bytes = Buffer.from(record.all("line").join(""), "base64");
    if (bytes.length !== count) throw new FactError(`cannot read ${path}: it changed while it was read`);
    return { kind: "file", size: count, bytes };
  },
});
