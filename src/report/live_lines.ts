import { count } from "./count.ts";
import { formatDuration } from "./duration.ts";
import type { LiveView, Running } from "./live_view.ts";
import { type Screen, safeLine } from "./screen.ts";
import { displayWidth, shorten } from "./text_width.ts";
import { type Paints, paints } from "./tone.ts";

/** At most `height` lines, none wider than the terminal: the hosts longest at their task, how many more there are, and totals. None while nothing runs. */
export function liveLines(view: LiveView, now: number, height: number, screen: Screen & { readonly width: number }): string[] {
  if (view.running.size === 0 || height < 1) return [];
  const paint = paints(screen.colour);
  const oldest = [...view.running.values()].sort((a, b) => a.since - b.since);
  const shown = oldest.slice(0, oldest.length < height ? height : Math.max(0, height - 2));
  const more = oldest.length - shown.length;
  return [
    ...hostLines(shown, now, screen, paint),
    ...(more > 0 && height > 1 ? [paint.quiet(shorten(`… and ${more} more`, screen.width))] : []),
    paint.title(shorten(totals(view, now, screen), screen.width)),
  ];
}

function totals({ play, running, lost, finishedTasks }: LiveView, now: number, screen: Screen): string {
  const parts = [
    `${running.size} of ${count(play.hosts, "host")} at work`,
    `${count(finishedTasks, "task")} done`,
    ...(lost.size === 0 ? [] : [`${count(lost.size, "host")} out`]),
  ];
  return `${safeLine(play.name, screen)}: ${parts.join(", ")} (${formatDuration(now - play.since)})`;
}

function hostLines(shown: readonly Running[], now: number, screen: Screen & { readonly width: number }, paint: Paints): string[] {
  const hostWidth = Math.min(Math.floor(screen.width / 4), Math.max(0, ...shown.map(({ host }) => displayWidth(host))));
  return shown.map(({ host, task, since, said }) => {
    const name = column(safeLine(host, screen), hostWidth);
    const elapsed = formatDuration(now - since).padStart(8);
    const rest = screen.width - hostWidth - elapsed.length - 4;
    const doing = shorten(safeLine(said === "" ? task : `${task}: ${said}`, screen), Math.max(1, rest));
    return shorten(`${name}  ${elapsed}  `, screen.width) + (rest > 0 ? paint.plain(doing) : "");
  });
}

const column = (text: string, width: number): string => {
  const fitted = shorten(text, width);
  return fitted + " ".repeat(Math.max(0, width - displayWidth(fitted)));
};
