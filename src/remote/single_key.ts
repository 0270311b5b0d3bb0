import type { IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from "ssh2";
import ssh2 from "ssh2";
import { messageOf } from "../core/error.ts";

type Hash = SigningRequestOptions["hash"];

/** Makes a signature with a key. */
export type Signer = (data: Buffer, hash: Hash) => Promise<Buffer>;

/** What ssh2 takes for an agent: it holds one key, and signs only once a server wants that key. */
export class SingleKey extends ssh2.BaseAgent<ParsedKey> {
  constructor(
    private readonly key: ParsedKey,
    private readonly signer: Signer,
  ) {
    super();
  }

  getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(null, [this.key]);
  }

  sign(_key: ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, callback?: SignCallback): void {
    const [done, hash] = typeof options === "function" ? [options, undefined] : [callback, options.hash];
    this.signer(data, hash).then(
      (signature) => done?.(null, signature),
      (error: unknown) => done?.(error instanceof Error ? error : new Error(messageOf(error))),
    );
  }
}
