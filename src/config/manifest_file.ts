import { z } from "zod";

const text = z.string().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "a sha256 has 64 hexadecimal digits");
/** Version numbers are text: YAML would make 1.10 into 1.1. */
const version = z.string().regex(/^\d[\w.+~-]*$/, 'a version begins with a digit and has no blanks; quote it: "0.12.0"');
const relative = text.refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), "the path must stay inside its folder");

const rule = z.strictObject({ from: relative, to: relative.default("."), version_mark: text.optional() });

const source = z
  .strictObject({
    folder: text.optional(),
    archive: text.optional(),
    sha256: sha256.optional(),
    files: z
      .array(rule)
      .min(1)
      .default([{ from: ".", to: "." }]),
  })
  .refine(({ folder, archive }) => (folder === undefined) !== (archive === undefined), "give either folder or archive");

const support = z.strictObject({
  distribution: z.union([text, z.array(text).min(1)]),
  versions: z.array(text).default([]),
  kernels: text,
  since: text.optional(),
});

const vendor = z.strictObject({ package: text, results: text, server: text });

/** What a manifest's file may say. */
export const manifestFile = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9]\w*(?:-\w+)*$/, "a module's name has letters, digits, dashes and underscores"),
  version,
  product: text.optional(),
  description: text,
  source,
  supported: z.array(support).default([]),
  packages: z.partialRecord(z.enum(["debian", "redhat", "suse", "other"]), z.array(text)).default({}),
  needs: z.array(z.enum(["system_map"])).default([]),
  system_map: z
    .string()
    .regex(
      /^\/[^{}]*\{\{kernel\}\}[^{}]*$/,
      "an absolute path with {{kernel}} in it: where the source looks for the symbol map of that kernel",
    )
    .default("/usr/lib/debug/boot/System.map-{{kernel}}"),
  reaches: z.array(z.string().regex(/^[\w.$]+$/, "the name of a kernel's symbol")).default([]),
  build: z.enum(["each", "once"]).default("each"),
  initramfs: z.boolean().default(true),
  at_boot: z.boolean().default(true),
  boot_files: z
    .record(
      z.string().regex(/^\/[\w.+/-]+$/, "an absolute path on hosts"),
      z.string().regex(/^[\w.+-]+$/, "the file's name in the initramfs, without folders"),
    )
    .default({}),
  vendor: vendor.optional(),
});
