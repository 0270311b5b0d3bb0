/** What one comparison gives to `-i`, below the fixtures' folder, and the folder of a playbook if there is one. */
export interface InventoryCase {
  readonly sources: readonly string[];
  readonly playbookDir?: string;
}

/** A pattern, the inventory it is asked of, and a limit. */
export interface PatternCase {
  readonly inventory: string;
  readonly pattern: string;
  readonly limit?: string;
}

/** What both programs are asked. */
export interface Cases {
  readonly inventories: Readonly<Record<string, InventoryCase>>;
  readonly patterns: readonly PatternCase[];
}

const ini =
  "hosts ranges.ini values.ini quoting.ini comments.ini children.ini ports.ini priority.ini ungrouped.ini duplicates.ini diamond.ini " +
  "vars_first.ini all.ini same_name.ini windows.ini connection.ini letters.cfg names.ini large_numbers.ini empty.ini empty_groups.ini " +
  "broken_section.ini broken_child.ini broken_vars.ini broken_pair.ini broken_quote.ini broken_range.ini broken_step.ini " +
  "broken_padding.ini broken_port.ini broken_circle.ini broken_blanks.ini backwards.ini";

const yaml =
  "basic.yaml plain plain_map static.json strings.yml anchors.yaml types.yaml odd_numbers.yaml priority.yaml empty.yaml nested.yaml " +
  "ungrouped.yaml ports.yaml merged_twice.yaml ini_inside.yml plugin.yaml list.yaml host_list.yaml host_scalar.yaml circle.yaml " +
  "unknown_key.yaml twice.yaml broken.yaml number_name.yaml";

const programs = "meta by_host.sh noisy.sh nothing broken_exit broken_json broken_list broken_hosts executable.ini forgotten.sh";

const single = (folder: string, names: string): (readonly [string, InventoryCase])[] =>
  names.split(" ").map((name) => [`${folder}/${name}`, { sources: [`${folder}/${name}`] }]);

const together: Readonly<Record<string, InventoryCase>> = {
  "fleet.yaml": { sources: ["fleet.yaml"] },
  "tree.ini": { sources: ["tree.ini"] },
  folder: { sources: ["folder"] },
  "a folder of vars": { sources: ["vars/hosts"] },
  "a vars folder before a vars file": { sources: ["first_of/hosts.ini"] },
  precedence: { sources: ["precedence/hosts.yaml"] },
  "precedence with a playbook": { sources: ["precedence/hosts.yaml"], playbookDir: "precedence/books" },
  "a priority in a vars file": { sources: ["priority_vars/hosts"] },
  "two sites": { sources: ["site_a/hosts", "site_b/hosts.yml"] },
  "two sites, the other way round": { sources: ["site_b/hosts.yml", "site_a/hosts"] },
  "one site twice": { sources: ["site_a/hosts", "site_b/hosts.yml", "site_a"] },
  "file, program and hosts": { sources: ["ini/duplicates.ini", "programs/meta", "extra1,w1:99,"] },
  "hosts with commas": { sources: ["h1,h2:2222, [2001:db8::1]:22,2001:db8::2,10.0.0.1"] },
  "hosts with a range": { sources: ["web[1:3],"] },
  "a comma alone": { sources: ["localhost,"] },
  "a missing file": { sources: ["ini/nosuch"] },
  "ports said twice": { sources: ["ini/ports.ini", "plain:1,twice:7"] },
};

const asked = (inventory: string, patterns: readonly (string | readonly [string, string])[]): PatternCase[] =>
  patterns.map((each) => (typeof each === "string" ? { inventory, pattern: each } : { inventory, pattern: each[0], limit: each[1] }));

/** Everything that is compared. */
export const cases: Cases = {
  inventories: { ...Object.fromEntries([...single("ini", ini), ...single("yaml", yaml), ...single("programs", programs)]), ...together },
  patterns: [
    ...asked("fleet.yaml", [
      "all",
      "*",
      "web",
      "db",
      "web:db",
      "web,db",
      "web db",
      "db:web",
      "web:&prod:!web01",
      "!web01:&prod:web",
      "!web",
      "&web",
      "!web:!db",
      "web[0]",
      "web[-1]",
      "web[0:1]",
      "web[0-1]",
      "web[1:]",
      "web[0:9]",
      "web[-4]",
      "web[2:1]",
      "web[1:0]",
      "all[0]",
      "all[-1]",
      "prod[2]",
      "w*",
      "w*[0]",
      "*1",
      "*.example.com",
      "?.b",
      "~w",
      "~(web|db)",
      "~.*02$",
      "~web0[12]",
      "r?x*",
      "r[!2]x0",
      "[rs]1*",
      "db-[a-b]",
      "a.b",
      "a.*",
      "ungrouped",
      "solo",
      "web01:web",
      "web,web01",
      "web01,mixed1,web01",
      "2001:db8::1",
      "10.0.0.1",
      "10.0.0.1:s1",
      "2001:db8::1,s1",
      "empty",
      "all:!empty",
      "web:!prod",
      "nosuch",
      "web:nosuch",
      "web:!nosuch",
      "web:&nosuch",
      "web[9]",
      "web[9:]",
      "localhost",
      "web01:22",
      "all:",
      ",web,",
      "web,!web01,&prod",
      "ungrouped:solo[0]",
      "~W",
      "WEB",
      "web0?",
      "~^web0[1-2]$:&prod",
      ["all", "web"],
      ["web", "!web01"],
      ["prod", "web03:web01:s1"],
      ["prod", "web03,db-a"],
      ["all", "@limit"],
      ["all", "!@limit"],
      ["web", "@limit"],
      ["web", "db"],
      ["web", "nosuch"],
      ["all", "web[0]"],
      ["all", "&web"],
      ["solo", "~s"],
      ["web:db", "all:!web"],
      ["all[0:3]", "web"],
      ["*", "a.b"],
    ]),
    ...asked("tree.ini", [
      "all",
      "top",
      "left",
      "right",
      "left:right",
      "right:left",
      "top[0]",
      "left[-1]",
      "l*",
      "~r",
      "all:!left",
      "right:&left",
      ["top", "left"],
    ]),
    ...asked("ini/same_name.ini", ["web", "db", "all", "web:db", "!web", "&web", "we*"]),
    ...asked("two sites", ["db", "web[0]", ["all", "w2"]]),
  ],
};
