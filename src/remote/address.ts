/** A host's address, and the port where one is written with it. */
export interface Address {
  readonly address: string;
  readonly port?: number;
}

/** Takes the brackets off an IPv6 address, with or without a port behind them: "[::1]:2222". Anything else is an address as it stands. */
export function splitAddress(text: string): Address {
  const [, address, port] = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? [];
  if (address === undefined) return { address: text };
  return { address, ...(port !== undefined && { port: Number(port) }) };
}

/** Address and port for people; IPv6 in brackets, lest its last part reads as the port. */
export const placeOf = (address: string, port: number): string => (address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`);
