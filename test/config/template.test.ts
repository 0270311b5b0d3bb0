import { describe, expect, test } from "vitest";
import { compileCondition } from "../../src/config/condition.ts";
import { compileTemplate, compileText } from "../../src/config/template.ts";
import { parseYaml } from "../../src/config/yaml.ts";
import { Secret } from "../../src/core/secret.ts";
import { complaint } from "./parse.ts";

const vars = {
  x: 1,
  zero: 0,
  name: "Web01",
  kernels: ["6.1.0-50", "6.12.0-1"],
  none: [],
  os: { family: "debian", versions: { "22.04": "jammy" } },
  kernel: { release: "6.8.0-62-generic" },
  empty: null,
  yes_text: "true",
  source: "{{name}}",
  password: new Secret("hunter2"),
  run: () => "called",
  "with-dash": "d",
};
const compile = (yaml: string) => compileTemplate(parseYaml(yaml, "f.yaml"));
const render = (yaml: string) => compile(yaml).render(vars);

describe("rendering", () => {
  test.each<[string, unknown]>([
    ["plain", "plain"],
    ["'{{x}}'", 1],
    ["'{{kernels}}'", vars.kernels],
    ["'{{os}}'", vars.os],
    ["'{{empty}}'", null],
    ["'{{{x}}}'", 1],
    ["'v{{x}}'", "v1"],
    ["'{{x}} '", "1 "],
    ["'{{x}}{{x}}'", "11"],
    ["'a < & {{os.family}}'", "a < & debian"],
    ["{a: ['{{x}}', {b: '{{kernels}}'}], c: 2}", { a: [1, { b: vars.kernels }], c: 2 }],
    ["'{{os.versions.[22.04]}}'", "jammy"],
    ["'{{kernels.[1]}}'", "6.12.0-1"],
    ["'{{with-dash}}'", "d"],
    ["'{{\"text\"}}'", "text"],
    ["'{{5}}'", 5],
    ["'{{this.x}}'", 1],
    ["'{{source}}'", "{{name}}"],
    ["'x {{source}}'", "x {{name}}"],
    ["'\\{{x}}'", "{{x}}"],
    ["'{{! a comment }}x'", "x"],
    ["'{{#if x}}a{{else}}b{{/if}}'", "a"],
    ["'{{#unless none}}a{{/unless}}'", "a"],
    ["'{{#if (eq x 2)}}a{{else if zero}}b{{else}}c{{/if}}'", "c"],
    ["'{{#each kernels}}{{@index}}={{this}}{{#unless @last}},{{/unless}}{{/each}}'", "0=6.1.0-50,1=6.12.0-1"],
    ["'{{#each kernels}}{{../x}}{{@root.name}} {{/each}}'", "1Web01 1Web01 "],
    ["'{{#each none}}a{{else}}b{{/each}}'", "b"],
    ["'{{#with os}}{{family}}{{/with}}'", "debian"],
    ["'{{password}}'", vars.password],
  ])("%s", (yaml, value) => {
    expect(render(yaml)).toEqual(value);
  });

  test("only what holds no expression is constant", () => {
    expect(["5", "a", "[a, {b: c}]", "'{{x}}'", "[a, '{{x}}']", "{a: {b: '{{x}}'}}"].map((yaml) => compile(yaml).isConstant)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("secrets", () => {
  const list = { ...vars, pins: [new Secret("1234"), "5678"] };
  const reveal = (yaml: string) => {
    const value = compile(yaml).render(list);
    return value instanceof Secret ? { secret: value.reveal() } : value;
  };

  test.each<[string, unknown]>([
    ["'{{password}}'", { secret: "hunter2" }],
    ["'pw {{password}}, {{x}}'", { secret: "pw hunter2, 1" }],
    ["'{{#if x}}{{password}}{{/if}}'", { secret: "hunter2" }],
    ["'{{#unless x}}{{password}}{{/unless}}'", ""],
    ["'{{#each pins}}{{this}} {{/each}}'", { secret: "1234 5678 " }],
    ["'{{upper password}}'", { secret: "HUNTER2" }],
    ["'{{default nothing password}}!'", { secret: "hunter2!" }],
    ["'{{join pins}}'", { secret: "1234,5678" }],
    ["'{{length password}}'", 7],
    ["'{{defined password}}'", true],
    ["'{{eq password \"hunter2\"}}'", true],
    ["'{{eq password \"hunter3\"}}'", false],
    ["'{{in \"1234\" pins}}'", true],
    ["'{{in password pins}}'", false],
    ["'{{name}} {{x}}'", "Web01 1"],
  ])("a text that holds one is one, and can be used: %s", (yaml, value) => {
    expect(reveal(yaml)).toEqual(value);
  });

  test("two secrets are equal where what they hold is", () => {
    const same = compile("'{{eq a b}}'");
    const map = (text: string) => ({ inner: [new Secret(text)] });
    expect(same.render({ a: map("x"), b: map("x") })).toBe(true);
    expect(same.render({ a: map("x"), b: map("y") })).toBe(false);
  });

  test.each([
    ["'{{lt password 5}}'", "f.yaml:1:2: lt can't use what this secret holds"],
    ["'{{satisfies password \">=5\"}}'", "f.yaml:1:2: satisfies can't use what this secret holds"],
    ["'{{and password true}}'", "f.yaml:1:2: and can't use what this secret holds"],
  ])("no message shows one: %s", (yaml, message) => {
    expect(complaint(() => render(yaml))).toBe(message);
  });
});

describe("helpers", () => {
  test.each<[string, unknown]>([
    ["eq x 1", true],
    ['eq x "1"', true],
    ['eq true "true"', true],
    ["eq empty null", true],
    ['eq empty "null"', false],
    ["eq kernels kernels", true],
    ["eq kernels x", false],
    ["ne x 2", true],
    ["lt x 2", true],
    ['le "1" 1', true],
    ["gt (length kernels) 1", true],
    ["ge x 2", false],
    ["and true (eq x 1) kernels", true],
    ["and true none", false],
    ["or false x", true],
    ["or false empty", false],
    ["not none", true],
    ['in "6.1.0-50" kernels', true],
    ['in "b" "abc"', true],
    ['in "family" os', true],
    ['in "toString" os', false],
    ['satisfies kernel.release ">=5.15 <=6.8"', true],
    ['satisfies kernel.release "<6.8"', false],
    ['default nope "d"', "d"],
    ["default x 5", 1],
    ["default zero 5", 0],
    ['default empty os.nope os.family "z"', "debian"],
    ["defined x", true],
    ["defined os.nope.deeper", false],
    ["defined name.length", false],
    ["not (defined nope)", true],
    ["join kernels", "6.1.0-50,6.12.0-1"],
    ['join kernels " + "', "6.1.0-50 + 6.12.0-1"],
    ["length name", 5],
    ["length os", 2],
    ["lower name", "web01"],
    ["upper name", "WEB01"],
    ['basename "/lib/modules/x.ko"', "x.ko"],
  ])("%s", (expression, value) => {
    expect(render(`'{{${expression}}}'`)).toEqual(value);
  });
});

describe("what is refused on loading", () => {
  test.each([
    ["'{{low name}}'", 'f.yaml:1:2: there is no helper "low"'],
    ["'{{lowr name}}'", 'f.yaml:1:2: there is no helper "lowr" (did you mean "lower"?)'],
    ["'{{x}} {{eq x (lowr name)}}'", 'f.yaml:1:8: there is no helper "lowr" (did you mean "lower"?)'],
    ["'{{x eq 1}}'", 'f.yaml:1:2: there is no helper "x": a helper stands before its arguments, as in: eq x …'],
    ["'{{lower}}'", "f.yaml:1:2: lower takes 1 argument, not 0"],
    ["'{{default x}}'", "f.yaml:1:2: default takes 2 or more arguments, not 1"],
    ["'{{join kernels x x}}'", "f.yaml:1:2: join takes 1 to 2 arguments, not 3"],
    ["'{{eq a=1}}'", "f.yaml:1:2: eq takes no named arguments"],
    ["'{{constructor}}'", 'f.yaml:1:2: "constructor" belongs to every object: it cannot be a variable'],
    ["'{{eq x os.__proto__}}'", 'f.yaml:1:2: "__proto__" belongs to every object: it cannot be a variable'],
    ["'{{undefined}}'", "f.yaml:1:2: undefined is no value: use default or defined"],
    ["'{{> part}}'", "f.yaml:1:2: partials and decorators are not understood"],
    ["'{{#list}}x{{/list}}'", 'f.yaml:1:2: there is no block "#list": if, unless, each, with'],
    ["'{{#eech x}}x{{/eech}}'", 'f.yaml:1:2: there is no block "#eech" (did you mean "each"?): if, unless, each, with'],
    ["'{{#if x name}}x{{/if}}'", "f.yaml:1:2: #if takes one argument"],
    ["'{{#each kernels as |k|}}{{k}}{{/each}}'", 'f.yaml:1:26: "as |name|" is not understood: use this and ../name'],
    ["'{{@indx}}'", 'f.yaml:1:2: there is no "@indx" (did you mean "@index"?)'],
    ["'{{[typed value] x}}'", 'f.yaml:1:2: there is no helper "typed value"'],
    ["'{{\"text\" x}}'", "f.yaml:1:2: a helper stands first"],
    ["'{{x'", "f.yaml:1:1: this is no valid expression"],
    ["'{{x | lower}}'", 'f.yaml:1:1: this is no valid expression: a helper stands before its arguments, as in: eq os.family "debian"'],
    ["{'{{x}}': 1}", "f.yaml:1:2: a key is never an expression: {{x}}"],
  ])("%s", (yaml, message) => {
    expect(complaint(() => compile(yaml))).toBe(message);
  });
});

describe("what is refused on rendering, at the expression's place", () => {
  test.each([
    ["'{{kernls}}'", 'f.yaml:1:2: "kernls" is not defined (did you mean "kernels"?)'],
    ["a: 'x {{x}} {{os.famly}}'", 'f.yaml:1:13: "os.famly" is not defined (did you mean "family"?)'],
    ["'{{eq os.famly \"debian\"}}'", 'f.yaml:1:2: "os.famly" is not defined (did you mean "family"?)'],
    ["|\n  a {{x}}\n\n    {{x}} {{nam}}\n", 'f.yaml:4:11: "nam" is not defined (did you mean "name"?)'],
    ["'a: \\{{x}} {{nam}}'", 'f.yaml:1:12: "nam" is not defined (did you mean "name"?)'],
    ["- 1\n- b: '{{nam}}'", 'f.yaml:2:7: "nam" is not defined (did you mean "name"?)'],
    ["'{{#if nam}}x{{/if}}'", 'f.yaml:1:2: "nam" is not defined (did you mean "name"?)'],
    ["'{{#each kernels}}{{name}}{{/each}}'", 'f.yaml:1:19: "name" is not defined: "this" is a single value'],
    ["'{{#with os}}{{famly}}{{/with}}'", 'f.yaml:1:14: "famly" is not defined (did you mean "family"?)'],
    ["'{{os.family.size}}'", 'f.yaml:1:2: "os.family.size" is not defined: "os.family" is a single value'],
    ["'{{empty.x}}'", 'f.yaml:1:2: "empty.x" is not defined: "empty" is empty'],
    ["'{{password.reveal}}'", 'f.yaml:1:2: "password.reveal" is not defined: "password" is a secret'],
    ["'{{run}}'", 'f.yaml:1:2: "run" is a function: variables are data'],
    ["'{{default run 1}}'", 'f.yaml:1:2: "run" is a function: variables are data'],
    ["'{{default nope nada}}'", "f.yaml:1:2: none of the values of default is defined"],
    ["'a {{empty}}'", "f.yaml:1:4: null cannot be a part of a text"],
    ["'a {{kernels}}'", "f.yaml:1:4: a list cannot be a part of a text: join it"],
    ["'a {{os}}'", "f.yaml:1:4: a map cannot be a part of a text"],
    ["'{{lt name 1}}'", 'f.yaml:1:2: "Web01" is no number; kernel releases are compared with: satisfies kernel.release ">=5.15"'],
    ["'{{join name}}'", 'f.yaml:1:2: expected a list, not "Web01"'],
    ["'{{length x}}'", "f.yaml:1:2: 1 has no length"],
    ["'{{in 1 x}}'", "f.yaml:1:2: nothing is in 1: expected a list, a map or a text"],
    ["'{{not yes_text}}'", 'f.yaml:1:2: expected true or false, not "true": compare it, as in eq name "value"'],
    ["'{{satisfies kernel.release \"new\"}}'", 'f.yaml:1:2: "new" is not a range of kernel versions: write for example ">=5.15 <=6.8"'],
  ])("%s", (yaml, message) => {
    expect(complaint(() => render(yaml))).toBe(message);
  });

  test("variables named like a helper", () => {
    expect(complaint(() => compile("'{{x}}'").render({ x: 1, lower: 2 }))).toBe(
      'f.yaml:1:1: the variable "lower" is named like a helper: rename it',
    );
  });
});

describe("conditions", () => {
  const condition = (yaml: string) => compileCondition(parseYaml(yaml, "f.yaml"));

  test.each([
    ['eq os.family "debian"', true],
    ['satisfies kernel.release ">=5.15 <=6.8"', true],
    ["true", true],
    ["no", false],
    ["kernels", true],
    ["none", false],
    ["zero", false],
    ["empty", false],
    ["[eq x 1, eq x 1]", true],
    ["[defined nope, eq nope 1]", false],
    ["not (in name kernels)", true],
  ])("%s", (yaml, value) => {
    expect(condition(yaml).evaluate(vars)).toBe(value);
  });

  test("keep their source", () => {
    expect(condition("[eq x 1, true]").source).toBe("eq x 1, true");
  });

  test.each([
    ["yes_text", 'f.yaml:1:1: expected true or false, not "true": compare it, as in eq name "value"'],
    ["a: 1", 'f.yaml:1:1: expected an expression, such as eq os.family "debian", not a map'],
    ["[eq x 1, 5]", 'f.yaml:1:10: expected an expression, such as eq os.family "debian", not 5'],
    ["'{{x}}'", "f.yaml:1:1: a condition is an expression without braces: x"],
    ["'!x'", "f.yaml:1:1: a condition begins with a helper or a variable, as in: not name"],
    ["'#if x'", "f.yaml:1:1: a condition begins with a helper or a variable"],
    [
      'os.family == "debian"',
      'f.yaml:1:1: this is no valid expression: a helper stands before its arguments, as in: eq os.family "debian"',
    ],
    ["[eq x 1, eq os.famly x]", 'f.yaml:1:10: "os.famly" is not defined (did you mean "family"?)'],
  ])("%s is refused", (yaml, message) => {
    expect(complaint(() => condition(yaml).evaluate(vars))).toBe(message);
  });
});

test("a template's file is compiled as a whole", () => {
  expect(compileText("# {{name}}\n{{#each kernels}}\nk {{this}}\n{{/each}}\n", "t.conf").render(vars)).toBe(
    "# Web01\nk 6.1.0-50\nk 6.12.0-1\n",
  );
  expect(complaint(() => compileText("a\n  {{nam}}", "t.conf").render(vars))).toBe(
    't.conf:2:3: "nam" is not defined (did you mean "name"?)',
  );
});
