import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KeyKind, Validity } from '../../cli/src/certificates/issue.ts'
import { type Authority, createAuthority } from '../../cli/src/certificates/issue.ts'

const DAY_MS = 86_400_000

/** A folder with certificates of one authority, made by what `rollcall certs` uses. */
export class CertificateFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'rollcall-tls-'))
  readonly authority: Authority

  private constructor(authority: Authority) {
    this.authority = authority
    this.write('ca.pem', authority.cert)
  }

  static async make(keyKind: KeyKind = 'ec'): Promise<CertificateFolder> {
    return new CertificateFolder(await createAuthority({ name: 'Test authority', keyKind, validity: validFor(0, 30) }))
  }

  file(name: string): string {
    return join(this.path, name)
  }

  write(name: string, text: string): string {
    writeFileSync(this.file(name), text)
    return this.file(name)
  }

  /** Writes `{name}.pem` and `{name}-key.pem` for a server on the loopback. */
  async server(name: string, keyKind: KeyKind = 'ec', validity: Validity = validFor(0, 30)): Promise<void> {
    const { cert, key } = await this.authority.issueServer({ name, keyKind, validity }, ['localhost', '127.0.0.1'])
    this.write(`${name}.pem`, cert)
    this.write(`${name}-key.pem`, key)
  }

  /** Flags of an engine that uses a pair of this folder. */
  flags(name: string, keyName = `${name}-key`): string[] {
    return ['--tls.cert', this.file(`${name}.pem`), '--tls.key', this.file(`${keyName}.pem`)]
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** From so many days ago or ahead until so many ahead. */
export function validFor(fromDays: number, untilDays: number): Validity {
  const now = new Date()
  const at = (days: number) => new Date(now.getTime() + days * DAY_MS)
  return { from: new Date(at(fromDays).getTime() - 60_000), until: at(untilDays) }
}
