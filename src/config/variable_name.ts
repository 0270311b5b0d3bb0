import { ConfigError, type Position } from "../core/error.ts";
import { templateHelpers } from "./template_helper.ts";

/** A name that expressions can say. Throws a ConfigError for a helper's name and for names that every object owns. */
export function checkVariableName(name: string, position: Position): string {
  if (!/^[A-Za-z_][\w-]*$/.test(name))
    throw new ConfigError(`"${name}" is no name for a variable: letters, digits and underscores`, position);
  if (Object.hasOwn(templateHelpers, name)) throw new ConfigError(`the variable "${name}" is named like a helper: rename it`, position);
  if (Object.hasOwn(Object.prototype, name)) throw new ConfigError(`"${name}" belongs to every object: it cannot be a variable`, position);
  return name;
}
