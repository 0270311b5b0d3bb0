import type { Play, Vars } from "../config/play.ts";
import type { Host } from "../core/host.ts";

/** What facts of a host look like to templates: `os.family`, `kernel.release`. */
export const factVars = (host: Host): Vars => ({
  os: { family: host.family, distribution: host.distribution, version: host.distributionVersion, title: host.distributionTitle },
  kernel: { release: host.kernel, architecture: host.architecture },
  hostname: host.hostname,
});

/** Everything templates of a play see on one host, weakest first; variables of the play may use all that is weaker than themselves. */
export function hostVars(
  play: Play,
  layers: { readonly inventory: Vars; readonly host: Host; readonly decided: Vars; readonly extra: Vars },
): Vars {
  const known: Record<string, unknown> = { ...layers.inventory, ...factVars(layers.host), inventory_hostname: layers.host.name };
  for (const [name, template] of Object.entries(play.vars)) {
    if (!(name in layers.extra)) known[name] = template.render({ ...known, ...layers.decided, ...layers.extra });
  }
  return { ...known, ...layers.decided, ...layers.extra };
}
