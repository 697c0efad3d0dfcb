// tsyringe, which the certificate library is built on, wants this before anything else.
import 'reflect-metadata'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** Java clients open watches over TLS only where the certificate is of the kind RSA. */
export type KeyKind = 'rsa' | 'ec'

/** A certificate with its private key, in PEM. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

/** When something is good. */
export interface Validity {
  readonly from: Date
  readonly until: Date
}

interface Wanted {
  /** Common name. */
  readonly name: string
  readonly keyKind: KeyKind
  readonly validity: Validity
}

/** Signs certificates. */
export interface Authority extends Pair {
  /** For a server, under all these host names and addresses. */
  issueServer(wanted: Wanted, hosts: readonly string[]): Promise<Pair>
  /** For a client, which shows it when it connects. */
  issueClient(wanted: Wanted): Promise<Pair>
}

const ALGORITHMS = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const

/** Makes a certificate authority whose only home is where its key is kept. */
export async function createAuthority({ name, keyKind, validity }: Wanted): Promise<Authority> {
  const signingAlgorithm = ALGORITHMS[keyKind]
  const keys = await generateKeys(keyKind)
  const own = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    notBefore: validity.from,
    notAfter: validity.until,
    keys,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const issue = async (wanted: Wanted, usage: ExtendedKeyUsage, hosts: readonly string[]): Promise<Pair> => {
    const subjectKeys = await generateKeys(wanted.keyKind)
    const certificate = await X509CertificateGenerator.create({
      subject: [{ CN: [wanted.name] }],
      issuer: own.subject,
      notBefore: wanted.validity.from,
      notAfter: wanted.validity.until,
      publicKey: subjectKeys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
        new ExtendedKeyUsageExtension([usage]),
        await AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ...(hosts.length === 0 ? [] : [new SubjectAlternativeNameExtension(hosts.map(alternativeName))]),
      ],
    })
    return { cert: pemText(certificate.toString('pem')), key: await keyText(subjectKeys) }
  }
  return {
    cert: pemText(own.toString('pem')),
    key: await keyText(keys),
    issueServer: (wanted, hosts) => issue(wanted, ExtendedKeyUsage.serverAuth, hosts),
    issueClient: (wanted) => issue(wanted, ExtendedKeyUsage.clientAuth, []),
  }
}

async function generateKeys(kind: KeyKind): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHMS[kind], true, ['sign', 'verify'])
}

async function keyText({ privateKey }: CryptoKeyPair): Promise<string> {
  const bytes = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey))
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return pemText(['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----'].join('\n'))
}

function alternativeName(host: string): { readonly type: 'ip' | 'dns'; readonly value: string } {
  return { type: isIP(host) === 0 ? 'dns' : 'ip', value: host }
}

function pemText(text: string): string {
  return `${text.trimEnd()}\n`
}
