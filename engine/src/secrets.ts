import { readFileSync } from 'node:fs'
import { fileList } from './kernel/file-list.ts'
import { Secret } from './kernel/secret.ts'
import type { Settings } from './settings.ts'
import { SettingsError } from './settings.ts'

/** What the engine is told at its start and must not show. */
export interface Secrets {
  /** For root, at the first start. */
  readonly rootPassword?: Secret
  readonly signingKeys?: { readonly privateKey: Secret; readonly publicKeys: readonly string[] }
}

/**
 * Reads the root password from `ROLLCALL_ROOT_PASSWORD` or the file that `ROLLCALL_ROOT_PASSWORD_FILE` names, and the
 * keys from the files of the settings. The variable is wiped, so that it is not handed on.
 * @throws SettingsError when something cannot be read
 */
export function readSecrets({ auth }: Settings, env: NodeJS.ProcessEnv): Secrets {
  const { ROLLCALL_ROOT_PASSWORD: given, ROLLCALL_ROOT_PASSWORD_FILE: file } = env
  delete env.ROLLCALL_ROOT_PASSWORD
  if (auth.mode !== 'on') return {}
  if (given && file) {
    throw new SettingsError(
      'Give the password of root in ROLLCALL_ROOT_PASSWORD or ROLLCALL_ROOT_PASSWORD_FILE, not both.',
    )
  }
  const password = file ? readText(file, 'the password of root').replace(/\r?\n$/, '') : given
  const keys = readKeys(auth)
  return {
    ...(password ? { rootPassword: new Secret(password) } : {}),
    ...(keys === undefined ? {} : { signingKeys: keys }),
  }
}

function readKeys({ privateKeyFile, publicKeyFiles }: Settings['auth']): Secrets['signingKeys'] {
  const publicFiles = fileList(publicKeyFiles)
  if (privateKeyFile === '') {
    if (publicFiles.length === 0) return undefined
    throw new SettingsError('auth.publicKeyFiles needs auth.privateKeyFile: without it the engine makes its own keys.')
  }
  return {
    privateKey: new Secret(readText(privateKeyFile, 'the key of auth.privateKeyFile')),
    publicKeys: publicFiles.map((file) => readText(file, 'a key of auth.publicKeyFiles')),
  }
}

function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SettingsError(`Cannot read ${what}: ${(cause as Error).message}.`, { cause })
  }
}
