import { expect, test } from "vitest";
import { guestSettings, guestSources, seenFromGuest } from "../lab/apt.ts";

test("takes Debian's sources only, once each, for the guests' release", () => {
  const targets = [
    "http://deb.example/debian/|trixie|Debian",
    "http://deb.example/debian/|trixie|Debian",
    "http://deb.example/debian-security/|trixie-security|Debian",
    "https://node.example/|nodistro|. nodistro",
    "",
  ].join("\n");
  expect(guestSources(targets, "bookworm")).toBe(
    "deb http://deb.example/debian/ bookworm main\ndeb http://deb.example/debian-security/ bookworm-security main\n",
  );
});

test("says so where apt has no Debian sources", () => {
  expect(() => guestSources("", "bookworm")).toThrow("no Debian sources");
});

test("keeps proxies and what the mirror can't satisfy, nothing else", () => {
  const dump = [
    'APT "";',
    'Acquire::http::Proxy "http://proxy.example:3142";',
    'Acquire::https::Proxy "";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Languages:: "en";',
  ].join("\n");
  const kept = guestSettings(dump).split("\n").slice(0, 2);
  expect(kept).toEqual(['Acquire::http::Proxy "http://proxy.example:3142";', 'Acquire::Check-Valid-Until "false";']);
  expect(guestSettings(dump)).not.toMatch(/"";|"en"/);
});

test("a proxy on this machine's loopback is 10.0.2.2 for a guest", () => {
  expect(seenFromGuest('Acquire::http::Proxy "http://127.0.0.1:3142/";')).toBe('Acquire::http::Proxy "http://10.0.2.2:3142/";');
  expect(seenFromGuest('Acquire::http::Proxy "http://localhost.example/";')).toBe('Acquire::http::Proxy "http://localhost.example/";');
});
