/** Families that kofleet tells apart; "other" hosts can run commands but no module tasks. */
export type Family = "debian" | "redhat" | "suse" | "other";

/** What is known of a host before any task asks: gathered at contact and again after a reboot. */
export interface Host {
  /** Its name in the inventory. */
  readonly name: string;
  /** `ID` of os-release, such as "ubuntu". */
  readonly distribution: string;
  /** `VERSION_ID` of os-release, such as "24.04"; empty where there is none. */
  readonly distributionVersion: string;
  /** `PRETTY_NAME` of os-release. */
  readonly distributionTitle: string;
  readonly family: Family;
  /** The running kernel release, as `uname -r` prints it. */
  readonly kernel: string;
  /** As `uname -m` prints it. */
  readonly architecture: string;
  /** `/proc/sys/kernel/random/boot_id`. */
  readonly bootId: string;
  /** `/lib/modules` with links resolved: "/usr/lib/modules" on merged systems. */
  readonly moduleFolder: string;
  readonly hostname: string;
}
