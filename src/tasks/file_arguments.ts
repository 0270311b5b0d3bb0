import { z } from "zod";

/** An absolute path of a host, below the root. */
export const hostPath = z
  .string()
  .regex(/^\/.*[^/]$/s, 'an absolute path without a "/" at its end, such as /etc/motd')
  .refine((path) => !path.split("/").includes("..") && !/[\0\n]/.test(path), 'a path without ".." and line ends');

/** Permission bits. Only text: YAML 1.2 reads an unquoted 0644 as the decimal number, which is another mode. */
export const fileMode = z
  .string('quote the mode: "0644"')
  .regex(/^[0-7]{3,4}$/, 'three or four octal digits in quotes: "0644"')
  .transform((digits) => Number.parseInt(digits, 8));

/** Name or number of a user or group. */
export const accountName = z.union([z.string().regex(/^[^:\s]+$/, "a name or a number"), z.int().nonnegative()]).transform(String);

/** Who a file belongs to and what is permitted; what is not said stays as it is. */
export const attributeArguments = {
  mode: fileMode.optional().describe('octal digits in quotes, "0644"'),
  owner: accountName.optional().describe("a user's name or number"),
  group: accountName.optional().describe("a group's name or number"),
};
