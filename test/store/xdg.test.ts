import { expect, test } from "vitest";
import { xdgFolders } from "../../src/store/xdg.ts";

test("stands below HOME as the specification says", () => {
  expect(xdgFolders({ HOME: "/home/ada" })).toEqual({
    data: "/home/ada/.local/share/kofleet",
    state: "/home/ada/.local/state/kofleet",
    cache: "/home/ada/.cache/kofleet",
    config: "/home/ada/.config/kofleet",
  });
});

test.each([
  ["an absolute path wins", "/srv/state", "/srv/state/kofleet"],
  ["a relative path is ignored", "state", "/home/ada/.local/state/kofleet"],
  ["an empty one too", "", "/home/ada/.local/state/kofleet"],
])("%s", (_, XDG_STATE_HOME, state) => {
  expect(xdgFolders({ HOME: "/home/ada", XDG_STATE_HOME }).state).toBe(state);
});

test("needs no HOME where all is said", () => {
  const all = { XDG_DATA_HOME: "/d", XDG_STATE_HOME: "/s", XDG_CACHE_HOME: "/c", XDG_CONFIG_HOME: "/k" };
  expect(xdgFolders(all).config).toBe("/k/kofleet");
});

test("says what to set where nothing is said", () => {
  expect(() => xdgFolders({ HOME: "ada" })).toThrow("HOME is not an absolute path; set HOME, or XDG_DATA_HOME");
});
