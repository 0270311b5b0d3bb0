import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderTable } from "../../src/report/render_table.ts";
import type { Cell, Table } from "../../src/report/table.ts";
import { displayWidth } from "../../src/report/text_width.ts";

const plain = { colour: false, ci: false };
const cells = (...texts: string[]): Cell[] => texts.map((text) => ({ text }));
const table: Table = {
  columns: [{ title: "HOSTS", least: 8 }, { title: "KERNEL\nNEXT", least: 10 }, { title: "VERDICT" }],
  rows: [
    { cells: [{ text: "web[01-20],db1" }, { text: "6.1.0-37-amd64", below: { text: "same" } }, { text: "ok", tone: "good" }] },
    {
      cells: cells("rocky1", "4.18.0-553.5.1.el8_10.x86_64", "blocked"),
      notes: cells("no builder for rocky 8.10: set `builder: true` on one such host", "second"),
    },
  ],
  notesTitle: "REASON",
};

test("as wide as its contents where there is room", () => {
  expect(renderTable(table, { ...plain, width: 140 })).toMatchInlineSnapshot(`
    "HOSTS           KERNEL                        VERDICT
                    NEXT
    ──────────────  ────────────────────────────  ───────
    web[01-20],db1  6.1.0-37-amd64                ok
                    same
    rocky1          4.18.0-553.5.1.el8_10.x86_64  blocked
      ↳ no builder for rocky 8.10: set \`builder: true\` on one such host
      ↳ second"
  `);
});

test("narrowed column by column where there is less", () => {
  expect(renderTable(table, { ...plain, width: 40 })).toMatchInlineSnapshot(`
    "HOSTS           KERNEL           VERDICT
                    NEXT
    ──────────────  ───────────────  ───────
    web[01-20],db1  6.1.0-37-amd64   ok
                    same
    rocky1          4.18.0-553.5.1.  blocked
                    el8_10.x86_64
      ↳ no builder for rocky 8.10: set
        \`builder: true\` on one such host
      ↳ second"
  `);
});

test("a paragraph for each row where no grid fits", () => {
  expect(renderTable(table, { ...plain, width: 24 })).toMatchInlineSnapshot(`
    "HOSTS         web[01-
                  20],db1
    KERNEL, NEXT  6.1.0-37-
                  amd64
                  same
    VERDICT       ok

    HOSTS         rocky1
    KERNEL, NEXT  4.18.0-
                  553.5.1.
                  el8_10.
                  x86_64
    VERDICT       blocked
    no builder for rocky
    8.10: set \`builder:
    true\` on one such host
    second"
  `);
});

test("a line for each row in a pipe", () => {
  expect(renderTable(table, plain)).toMatchInlineSnapshot(`
    "HOSTS           KERNEL NEXT                   VERDICT  REASON
    web[01-20],db1  6.1.0-37-amd64, same          ok       -
    rocky1          4.18.0-553.5.1.el8_10.x86_64  blocked  no builder for rocky 8.10: set \`builder: true\` on one such host; second"
  `);
});

test("without a note nobody sees a column for notes", () => {
  expect(renderTable({ ...table, rows: table.rows.slice(0, 1) }, plain)).not.toContain("REASON");
});

test("colour changes no letter", () => {
  for (const width of [{}, { width: 24 }, { width: 40 }, { width: 140 }]) {
    const coloured = renderTable(table, { colour: true, ci: false, ...width });
    expect(coloured).toContain("\u001b[32mok\u001b[39m");
    expect(stripVTControlCharacters(coloured)).toBe(renderTable(table, { ...plain, ...width }));
  }
});

const grapheme = fc.constantFrom(..."abcxyz09,.-/_ ".split(""), " ", " ", "é", "gru\u0308n", "日", "㍘", "✅", "❤\ufe0f");
const cell = fc.string({ unit: grapheme, maxLength: 30 }).map((text): Cell => ({ text: text.replaceAll(/\s+/g, " ").trim() }));
const anyTable = fc.integer({ min: 1, max: 6 }).chain((columns) =>
  fc.record({
    columns: fc.array(fc.record({ title: fc.constantFrom("A", "TITLE", "A LONG TITLE"), least: fc.integer({ min: 2, max: 12 }) }), {
      minLength: columns,
      maxLength: columns,
    }),
    rows: fc.array(
      fc.record({ cells: fc.array(cell, { minLength: columns, maxLength: columns }), notes: fc.array(cell, { maxLength: 2 }) }),
      { maxLength: 5 },
    ),
    notesTitle: fc.constant("NOTES"),
  }),
);

describe("any table", () => {
  test("is never wider than its terminal, and has every letter of its cells", () => {
    fc.assert(
      fc.property(anyTable, fc.integer({ min: 20, max: 140 }), (any, width) => {
        const text = renderTable(any, { ...plain, width });
        for (const line of text.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        const letters = (of: string) => [...of.replaceAll(/[\s─↳]/g, "")].sort().join("");
        const grid = any.columns.map(({ title }) => title);
        const given = any.rows.flatMap((row) => [...row.cells, ...row.notes].map((each) => each.text));
        if (text.includes("─")) expect(letters(text)).toBe(letters([...grid, ...given].join("")));
      }),
      { numRuns: 100 },
    );
  });

  test("is one line for each row in a pipe, its columns parted by two blanks", () => {
    fc.assert(
      fc.property(anyTable, (any) => {
        const lines = renderTable(any, plain).split("\n");
        expect(lines).toHaveLength(any.rows.length + 1);
        const [titles = "", ...rows] = lines;
        for (const row of rows) expect(row.split(/ {2,}/)).toHaveLength(titles.split(/ {2,}/).length);
      }),
    );
  });
});

test("many rows stand in the same columns without a seam", () => {
  const rows = Array.from({ length: 450 }, (_, index) => ({ cells: cells(`web${index}`, "6.1.0-37-amd64", "ok") }));
  const lines = renderTable({ ...table, rows }, { ...plain, width: 80 }).split("\n");
  expect(lines).toHaveLength(453);
  expect(new Set(lines.slice(3).map((line) => line.indexOf("6.1.0")))).toEqual(new Set([8]));
});
