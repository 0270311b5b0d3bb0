import { Duplex, type Readable, type Writable } from "node:stream";

/** The two ends of a way through something else: what comes from the host, and what goes to it. */
export interface TunnelEnds {
  readonly from: Readable;
  readonly to: Writable;
  /** Ends whatever lies between, with no regard for it; may be called twice. */
  hangUp(): void;
  /** Asked at the end of the host's side: why it was none in good order. */
  whyEnded?(): Promise<Error | undefined>;
}

/**
 * A stream over two others that behaves as a socket does: it ends when the host's side ends, then closes, and closing it hangs up.
 * ssh2's own channels never count as closed, and a write to a dead one never calls back.
 */
export function tunnelOf({ from, to, hangUp, whyEnded }: TunnelEnds): Duplex {
  const tunnel = new Duplex({
    allowHalfOpen: false,
    read: () => void from.resume(),
    // What can't take the first bytes has ended: its end, not the broken pipe, says why.
    write: (chunk, _encoding, done) => void to.write(chunk, (error) => (error ? breakOff() : done())),
    final: (done) => void to.end(() => done()),
    destroy: (error, done) => {
      hangUp();
      done(error);
    },
  });
  let isEnding = false;
  let isBroken = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    const error = await whyEnded?.();
    if (error || isBroken) tunnel.destroy(error);
    else if (!tunnel.destroyed) tunnel.push(null);
  };
  from.on("data", (chunk) => void (tunnel.push(chunk) || from.pause()));
  from.on("end", () => void end()).on("close", () => void end());
  const breakOff = () => {
    isBroken = true;
    void end();
  };
  for (const stream of [from, to]) stream.on("error", breakOff);
  tunnel.on("end", () => tunnel.destroy()).on("error", () => undefined);
  return tunnel;
}
