import type { Screen } from "../report/screen.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console, Output } from "./console.ts";

/** What may be printed where: colour never under NO_COLOR or in a pipe, no commands to a CI log. */
export const screenOf = (output: Output, { environment }: Console, { color }: Pick<CommonOptions, "color">): Screen => ({
  colour: output.isTerminal && color && !environment.NO_COLOR && environment.TERM !== "dumb",
  ci: environment.CI !== undefined && environment.CI !== "" && environment.CI !== "false",
  ...(output.width !== undefined && { width: output.width }),
});
