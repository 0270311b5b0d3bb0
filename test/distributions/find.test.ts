import { expect, test } from "vitest";
import { distributionOf, unsupportedReason } from "../../src/distributions/find.ts";
import { host, rocky } from "./hosts.ts";

test.each([host(), host({ distribution: "ubuntu", distributionVersion: "24.04" }), rocky("8.10"), rocky("9.4"), rocky("10.0")])(
  "supports $distribution $distributionVersion",
  (supported) => {
    expect(distributionOf(supported)?.family).toBe(supported.family);
    expect(unsupportedReason(supported)).toBeUndefined();
  },
);

test.each([
  [rocky("7.9"), "Rocky Linux 7.9 (Blue Onyx): of the Red Hat family, 8 and later are supported"],
  [rocky(""), "Rocky Linux  (Blue Onyx): of the Red Hat family, 8 and later are supported"],
  [
    host({ family: "suse", distribution: "sles", distributionTitle: "SUSE Linux Enterprise Server 15 SP6" }),
    "SUSE Linux Enterprise Server 15 SP6: the SUSE family is not supported yet",
  ],
  [host({ family: "other", distribution: "alpine", distributionTitle: "" }), "alpine: kofleet knows the Debian and Red Hat families only"],
  [host({ family: "other", distribution: "", distributionTitle: "" }), "this host: kofleet knows the Debian and Red Hat families only"],
])("names why it can't: %#", (unsupported, reason) => {
  expect(distributionOf(unsupported)).toBeUndefined();
  expect(unsupportedReason(unsupported)).toBe(reason);
});

test("takes its kernel commands from the right family", () => {
  expect(distributionOf(host())?.updateInitramfs("6.1.0-37-amd64")[0]).toBe("update-initramfs");
  expect(distributionOf(rocky("9.4"))?.updateInitramfs("5.14.0-427.el9.x86_64")[0]).toBe("dracut");
});
