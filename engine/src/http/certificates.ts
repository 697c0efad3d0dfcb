import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { promises as fs } from 'node:fs'
import { createSecureContext } from 'node:tls'

/** Files that cannot be used; the message names file and remedy. */
class CertificateError extends Error {
  override readonly name = 'CertificateError'
}

/** Which files hold what TLS needs. */
export interface CertificateFiles {
  readonly cert: readonly string[]
  /** As many, in the same order. */
  readonly key: readonly string[]
  readonly ca: readonly string[]
}

/** Content of a file, with the setting that names it. */
interface Text {
  readonly setting: string
  readonly file: string
  readonly text: string
}

/** Content of all files. */
export interface CertificateTexts {
  readonly cert: readonly Text[]
  readonly key: readonly Text[]
  readonly ca: readonly Text[]
}

/** What was read, found good, and can be given to a server. */
export interface Credentials {
  readonly cert: string[]
  readonly key: string[]
  readonly ca?: string[]
  /** When the first of the certificates ends. */
  readonly validUntil: Date
  /** Kinds of the keys: rsa, ec. */
  readonly kinds: readonly string[]
}

/** Reads all files. @throws CertificateError for one that cannot be read */
export async function readTexts({ cert, key, ca }: CertificateFiles): Promise<CertificateTexts> {
  const readAll = (setting: string, files: readonly string[]) =>
    Promise.all(files.map(async (file) => ({ setting, file, text: await readText(setting, file) })))
  return { cert: await readAll('tls.cert', cert), key: await readAll('tls.key', key), ca: await readAll('tls.ca', ca) }
}

async function readText(setting: string, file: string): Promise<string> {
  try {
    return await fs.readFile(file, 'utf8')
  } catch (cause) {
    throw new CertificateError(
      `${setting}: cannot read ${file} (${(cause as Error).message}). ` +
        'Name a file that is there and that the user of the engine may read; "rollcall certs" makes some for tests.',
      { cause },
    )
  }
}

/**
 * Finds out whether certificates and keys can be used together, now.
 * @throws CertificateError with the first thing that is wrong
 */
export function checkTexts({ cert, key, ca }: CertificateTexts, now: number): Credentials {
  const chains = cert.map((text) => chainOf(text, now))
  const kinds = cert.map((text, index) => {
    const [leaf] = chains[index] ?? []
    return checkPair({ text, leaf }, key[index])
  })
  if (new Set(kinds).size < kinds.length) {
    throw new CertificateError(`tls.cert: of the kind ${kinds[0]} there can be one only. Leave the others out.`)
  }
  for (const authorities of ca) checkAuthorities(authorities, now)
  const textsOf = (list: readonly Text[]) => list.map(({ text }) => text)
  const credentials = {
    cert: textsOf(cert),
    key: textsOf(key),
    ...(ca.length === 0 ? {} : { ca: textsOf(ca) }),
    validUntil: new Date(Math.min(...chains.flat().map(({ validToDate }) => validToDate.getTime()))),
    kinds,
  }
  try {
    createSecureContext(credentials)
  } catch (cause) {
    const files = cert.map(({ file }) => file).join(', ')
    const { message } = cause as Error
    throw new CertificateError(`tls.cert: ${files} cannot be used (${message}). Make another certificate and key.`, {
      cause,
    })
  }
  return credentials
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** All certificates of a file: that of the engine, then those between it and its authority. */
function parseCertificates({ setting, file, text }: Text): X509Certificate[] {
  const blocks = text.match(PEM_CERTIFICATE)
  if (blocks === null) {
    throw new CertificateError(
      `${setting}: ${file} holds no certificate. It must be in PEM and begin with -----BEGIN CERTIFICATE-----.`,
    )
  }
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch (cause) {
    throw new CertificateError(
      `${setting}: a certificate in ${file} cannot be read (${(cause as Error).message}). Write the file anew.`,
      { cause },
    )
  }
}

function chainOf(text: Text, now: number): X509Certificate[] {
  const chain = parseCertificates(text)
  for (const { validFromDate, validToDate } of chain) {
    if (validToDate.getTime() <= now) {
      throw new CertificateError(
        `${text.setting}: ${text.file} has expired (it was good until ${validToDate.toISOString()}). Renew it.`,
      )
    }
    if (validFromDate.getTime() > now) {
      throw new CertificateError(
        `${text.setting}: ${text.file} is only good from ${validFromDate.toISOString()} on. ` +
          "Use another one, or check this machine's clock.",
      )
    }
  }
  return chain
}

/** One authority that has ended harms nobody while others are good. */
function checkAuthorities(text: Text, now: number): void {
  const isGood = ({ validToDate }: X509Certificate) => validToDate.getTime() > now
  if (parseCertificates(text).some(isGood)) return
  throw new CertificateError(`${text.setting}: every authority in ${text.file} has expired. Renew it.`)
}

/** @returns the kind of the key */
function checkPair(
  { text: { file: certFile }, leaf }: { readonly text: Text; readonly leaf: X509Certificate | undefined },
  keyText: Text | undefined,
): string {
  if (leaf === undefined || keyText === undefined) {
    throw new CertificateError('tls.key: name as many private keys as certificates.')
  }
  const key = parseKey(keyText)
  if (!leaf.checkPrivateKey(key)) {
    throw new CertificateError(
      `tls.key: ${keyText.file} is not the key of the certificate in ${certFile}. Name two that were made together.`,
    )
  }
  return key.asymmetricKeyType ?? 'unknown'
}

function parseKey({ setting, file, text }: Text): KeyObject {
  if (/^(Proc-Type: 4,ENCRYPTED|-----BEGIN ENCRYPTED PRIVATE KEY-----)/m.test(text)) {
    throw new CertificateError(
      `${setting}: ${file} is encrypted. Write it without a pass phrase, readable for the engine only: ` +
        `openssl pkey -in ${file} -out key.pem`,
    )
  }
  try {
    return createPrivateKey(text)
  } catch (cause) {
    throw new CertificateError(
      `${setting}: ${file} holds no private key. It must be in PEM and begin with -----BEGIN PRIVATE KEY----- or alike.`,
      { cause },
    )
  }
}
