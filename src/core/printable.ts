/** Text from outside, safe for a terminal: without escape sequences and control characters other than tab and newline. */
export const printable = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, "")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "");

/** The last `count` lines of a text that are not blank. */
export const lastLines = (text: string, count: number): string =>
  printable(text)
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .join("\n");
