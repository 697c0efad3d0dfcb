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

/** Targets of each method whose route is remembered, and as many of before them. */
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

/** Largest limit of any quota. */
export const QUOTA_LIMIT_MAX = 100_000_000

/** Tenants whose answer of the quota service is remembered; more start the collection anew. */
export const QUOTA_ANSWERS_MAX = 10_000

/** Tenants whose question to the quota service may be under way; beyond it writes are refused at once. */
export const QUOTA_QUESTIONS_MAX = 1000

/** Connections to the quota service. */
export const QUOTA_CONNECTIONS_MAX = 16

/** Bytes of one answer of the quota service. */
export const QUOTA_ANSWER_BYTES_MAX = 65_536

/** Failures in a row after which the quota service is left alone for a while. */
export const QUOTA_FAILURES_MAX = 5

/** How long work on one request may go on before others have their turn, milliseconds. */
export const WORK_SLICE_MS_MAX = 5

/** Characters of a long answer that are encoded in one go. */
export const LONG_TEXT_PIECE_LENGTH = 65_536

/** Tenants whose list of all services is kept encoded. */
export const SERVICE_LISTS_MAX = 4

/** Instances whose state is set at the same time when many are to change. */
export const STATUS_CHANGES_AT_ONCE_MAX = 256
