/** Bounds that are no settings: what keeps queues, caches and loops finite. Units are in the names. */

/** Answers kept per service name; more distinct questions than this start the collection anew. */
export const ANSWERS_PER_NAME_MAX = 64

/** How often a decision may be taken again because others changed what it was based on. */
export const DECISIONS_PER_CHANGE_MAX = 256

/** Newly seen dependencies that may wait for the store; a find beyond it answers without recording its own. */
export const PENDING_DEPENDENCIES_MAX = 10_000

/** Consumers of one dependency commit. */
export const DEPENDENCIES_PER_COMMIT_MAX = 500

/** Characters of a domain, a project or an environment. */
export const TENANT_PART_LENGTH_MAX = 160

/** Targets of GET requests whose route is remembered; more start the collection anew. */
export const KNOWN_TARGETS_MAX = 4096

/** Request targets from this length on are refused, as Service Center does. */
export const REQUEST_TARGET_LENGTH_MAX = 2048

/** Bytes of an instance document and of a map of properties, as Service Center limits them. */
export const INSTANCE_BODY_BYTES_MAX = 5120
export const PROPERTIES_BODY_BYTES_MAX = 3072

/** Answers up to this size go out as one text together with their head (libuv copies such texts on its stack). */
export const ONE_WRITE_BYTES_MAX = 16_384

/** Answers from this size on are compressed for clients that take it. */
export const GZIP_BYTES_MIN = 1400

/** Bytes that may wait in a watcher's socket before it is put on hold and brought up to date later. */
export const WATCHER_BACKLOG_BYTES_MAX = 1_048_576

/** Distinct instances remembered for a watcher on hold; beyond it the watcher gets everything anew. */
export const WATCHER_PENDING_MAX = 10_000

/** Bytes of a message from a watcher; longer ones end the connection with 1009. */
export const WATCHER_MESSAGE_BYTES_MAX = 64

/** Bytes of a message on a heartbeat channel. */
export const BEAT_CHANNEL_MESSAGE_BYTES_MAX = 65_536

/** Accounts and roles of one engine, as Service Center limits them. */
export const ACCOUNTS_MAX = 1000
export const ROLES_MAX = 100

/** Tokens whose verification is remembered; more start the collection anew. */
export const KNOWN_TOKENS_MAX = 10_000

/** Characters of a credential; longer ones are refused unread. */
export const CREDENTIAL_LENGTH_MAX = 8192

/** Passwords that are compared at the same time: each takes a thread and 16 MiB for some hundredths of a second. */
export const PASSWORD_CHECKS_MAX = 2

/** Sign-ins that may wait for their turn; more are told to come again. */
export const WAITING_SIGN_INS_MAX = 200

/** Wrong passwords that a name has from one address before it is locked there. */
export const WRONG_PASSWORDS_MAX = 3

/** Names and addresses whose wrong passwords are remembered, and locks that are stored. */
export const LOCKOUTS_MAX = 10_000
