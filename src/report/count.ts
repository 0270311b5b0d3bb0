/** A number with its noun: "1 host", "20 hosts". */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
