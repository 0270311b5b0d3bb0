import { FactError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import { readCount, readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** A regular file that lies in a folder. */
export interface FolderFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

const script = `${sayParts}
for file in "$1"/*; do
  [ -f "$file" ] && [ ! -L "$file" ] && say file "$(stat -c %s -- "$file") \${file##*/}"
done
echo end
`;

/** The regular files that lie in a folder, not those below it; none where there is no such folder. */
export const folderFiles = (folder: string): Fact<readonly FolderFile[]> => ({
  name: `folderFiles ${folder}`,
  command: ["sh", "-c", script, "sh", folder],
  parse: (answer) =>
    readRecord(answer, folder)
      .all("file")
      .map((line) => {
        const [, size, name] = /^(\d+) (.+)$/.exec(line) ?? [];
        if (size === undefined || name === undefined) throw new FactError(`cannot read ${folder}: unexpected "${line}"`);
        return { name, size: readCount(size, folder) };
      }),
});
