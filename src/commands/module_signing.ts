import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { readSecret, secretPlace } from "../config/secret_reference.ts";
import type { SecretSources } from "../config/secret_sources.ts";
import type { Settings } from "../config/settings.ts";
import { ConfigError, messageOf } from "../core/error.ts";
import type { FleetCertificate } from "../core/input.ts";
import { keyIdsOf } from "../kernel/certificate.ts";
import { isSignedBy, readSigningKey, type SigningKey, signModule } from "../kernel/module_signing.ts";

function read(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ConfigError(`${setting}: ${path} can't be read: ${messageOf(cause)}`, undefined, { cause });
  }
}

/** A key that everybody may read is no secret. */
function readKey(path: string): string {
  const pem = read("module_signing_key", path).toString();
  if ((statSync(path).mode & 0o007) !== 0) throw new ConfigError(`module_signing_key: everybody may read ${path}: chmod 600 it`);
  return pem;
}

function certificatePath({ moduleSigningCertificate, moduleSigningKey, moduleSigningOn }: Settings): string {
  if (moduleSigningOn === "builders" && moduleSigningKey !== undefined)
    throw new ConfigError(
      "module_signing_on: builders leaves signing to them: take module_signing_key out, and bring it to them with playbooks/signing-key.yaml",
    );
  if (moduleSigningCertificate !== undefined) return moduleSigningCertificate;
  const setting = moduleSigningKey === undefined ? "module_signing_on: builders" : "module_signing_key";
  throw new ConfigError(`${setting} is set without module_signing_certificate: hosts must have enrolled its certificate`);
}

function signingKeyOf(settings: Settings, keyPath: string, sources: SecretSources): SigningKey {
  const { moduleSigningPassphrase: written } = settings;
  const passphrase = written && readSecret(written.text, secretPlace(written.position), sources);
  if (typeof passphrase === "string")
    throw new ConfigError("a variable of a host is no passphrase: write env:NAME or file:PATH", written?.position);
  return readSigningKey(readKey(keyPath), passphrase?.reveal(), read("module_signing_certificate", certificatePath(settings)));
}

/** What signs modules, where the settings name a key; the key is read, and its passphrase looked up, when the first module is signed. */
export function moduleSignerOf(settings: Settings, sources: SecretSources): ((module: Uint8Array) => Uint8Array) | undefined {
  const { moduleSigningKey } = settings;
  if (moduleSigningKey === undefined) return undefined;
  let signing: SigningKey | undefined;
  return (module) => {
    signing ??= signingKeyOf(settings, moduleSigningKey, sources);
    return signModule(module, signing);
  };
}

/** The certificate of the fleet's key, where the settings name one. */
export function fleetCertificateOf(settings: Settings): FleetCertificate | undefined {
  const { moduleSigningCertificate, moduleSigningKey, moduleSigningOn } = settings;
  if (moduleSigningCertificate === undefined && moduleSigningKey === undefined && moduleSigningOn !== "builders") return undefined;
  const path = certificatePath(settings);
  const bytes = read("module_signing_certificate", path);
  try {
    const certificate = new X509Certificate(bytes);
    const { serial, subjectKeyId, commonName } = keyIdsOf(certificate);
    return {
      name: commonName ?? serial,
      serial,
      ...(subjectKeyId !== undefined && { subjectKeyId }),
      ...(moduleSigningKey !== undefined && { hasSigned: (module: Uint8Array) => isSignedBy(module, certificate) }),
      ...(moduleSigningOn === "builders" && { isOnBuilders: true }),
    };
  } catch (cause) {
    throw new ConfigError(`module_signing_certificate: ${path} is no certificate in PEM or DER: ${messageOf(cause)}`, undefined, { cause });
  }
}
