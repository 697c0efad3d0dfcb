import type { Setting } from './setting.ts'

/** Settings of encrypted connections. */
export const TLS_SETTINGS = {
  'tls.cert': {
    kind: 'text',
    default: '',
    help: 'Certificate in PEM, with those between it and its authority; turns TLS on. Of several, by comma, one RSA and one EC.',
  },
  'tls.key': { kind: 'text', default: '', help: 'Private key of the certificate in PEM; as many as certificates.' },
  'tls.ca': { kind: 'text', default: '', help: 'Authorities in PEM whose client certificates are accepted.' },
  'tls.client': {
    kind: 'choice',
    default: 'off',
    choices: ['off', 'optional', 'require'],
    help: 'Client certificates. optional: a client may show none, but a wrong one is refused. require: every client shows one.',
  },
  'tls.minVersion': {
    kind: 'choice',
    default: '1.2',
    choices: ['1.2', '1.3'],
    help: 'Lowest version of TLS; watches of Java clients need 1.2.',
  },
  'tls.reloadSeconds': {
    kind: 'integer',
    default: 10,
    min: 0,
    max: 86_400,
    help: 'How often the files are looked at for new content, seconds; 0: only at SIGHUP.',
  },
} as const satisfies Readonly<Record<string, Setting>>
