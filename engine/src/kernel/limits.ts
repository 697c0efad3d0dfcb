/** Bounds that are no settings: what keeps queues, caches and loops finite. Units are in the names. */

/** Answers kept per service name; more distinct questions than this start the collection anew. */
export const ANSWERS_PER_NAME_MAX = 64

/** How often a decision may be taken again because others changed what it was based on. */
export const DECISIONS_PER_CHANGE_MAX = 256

/** Consumers remembered per name with what they found last; beyond it the one that came first is forgotten. */
export const SUBSCRIBERS_PER_NAME_MAX = 10_000

/** Newly seen dependencies that may wait for the store; a find beyond it answers without recording its own. */
export const PENDING_DEPENDENCIES_MAX = 10_000

/** Consumers of one dependency commit. */
export const DEPENDENCIES_PER_COMMIT_MAX = 500

/** Characters of a domain, a project or an environment. */
export const TENANT_PART_LENGTH_MAX = 160

/** Points of one question about metrics over time, and records that it may read. */
export const METRIC_POINTS_PER_QUERY_MAX = 1500
export const METRIC_RECORDS_PER_QUERY_MAX = 2_000_000

/** Tenants whose services and instances are counted for Prometheus; the others are counted together. */
export const EXPOSED_TENANTS_MAX = 1000

/** Frameworks of one tenant whose services are counted for Prometheus; the others are counted together. */
export const EXPOSED_FRAMEWORKS_MAX = 20

/** Versions of services in what is exposed to Prometheus. */
export const METRIC_EXPOSED_VERSIONS_MAX = 1000

/** Groups of one answer to what is at the top. */
export const METRIC_TOP_MAX = 1000

/** Thresholds of one tenant. */
export const METRIC_THRESHOLDS_MAX = 10_000

/** Streams of metrics that may be open at once. */
export const METRIC_STREAMS_MAX = 256

/** Bytes that may wait for the reader of a stream; beyond it the reader gets what it missed when it has caught up. */
export const METRIC_STREAM_BACKLOG_BYTES_MAX = 262_144

/** Events that a reader may miss in a row before its connection is ended. */
export const METRIC_STREAM_MISSED_MAX = 30

/** Bytes of a metric document. */
export const METRIC_BODY_BYTES_MAX = 1_048_576

/** Targets of each method whose route is remembered, and as many of before them. */
export const KNOWN_TARGETS_MAX = 4096

/** Bytes of bodies that are not whole yet, all together; beyond it only small ones are still read. */
export const BODIES_HELD_BYTES_MAX = 268_435_456
export const SMALL_BODY_BYTES_MAX = 65_536

/** Addresses whose connections and requests are counted; more start the collection anew. */
export const PEERS_MAX = 100_000

/** Request targets from this length on are refused, as Service Center does. */
export const REQUEST_TARGET_LENGTH_MAX = 2048

/** Longest time that a drained instance stays, seconds. */
export const DRAIN_SECONDS_MAX = 86_400

/** Levels of what a policy says. */
export const POLICY_DEPTH_MAX = 16

/** Bytes of an answer of the configuration server. */
export const KIE_ANSWER_BYTES_MAX = 16_777_216

/** Differences between two contracts that are listed. */
export const CONTRACT_CHANGES_MAX = 1000

/** Steps of comparing two contracts by their structure. */
export const CONTRACT_STEPS_MAX = 200_000

/** Lines of the differing parts of two texts up to which common lines in between are looked for. */
export const COMPARED_LINES_MAX = 3000

/** What a document may have to be compared: levels, parts (shared ones each time they are shown), repeated aliases. */
export const DOCUMENT_DEPTH_MAX = 100
export const DOCUMENT_PARTS_MAX = 200_000
export const DOCUMENT_ALIASES_MAX = 100

/** Comparisons that may wait for their turn, and the longest time of one. */
export const COMPARISONS_WAITING_MAX = 16
export const COMPARISON_MS_MAX = 5000

/** Memory of the process that compares. */
export const COMPARISON_HEAP_MIB_MAX = 256

/** The longest time that the start of a process for slow work takes, and that it is kept without work. */
export const PROCESS_START_MS_MAX = 15_000
export const IDLE_PROCESS_MS_MAX = 60_000

/** Services listed in the report of a retirement; beyond it they are only counted. */
export const RETIREMENTS_LISTED_MAX = 1000

/** Bytes of an instance document and of a map of properties, as Service Center limits them. */
export const INSTANCE_BODY_BYTES_MAX = 5120
export const PROPERTIES_BODY_BYTES_MAX = 3072

/** Answers up to this size go out as one text together with their head (libuv copies such texts on its stack). */
export const ONE_WRITE_BYTES_MAX = 16_384

/** Answers from this size on are compressed for clients that take it. */
export const GZIP_BYTES_MIN = 1400

/** Characters of the answer to a batch find; one service asked for a thousand times must not fill the memory. */
export const BATCH_ANSWER_LENGTH_MAX = 67_108_864

/** Bytes that may wait in a watcher's socket before it is put on hold and brought up to date later. */
export const WATCHER_BACKLOG_BYTES_MAX = 1_048_576

/** Distinct instances remembered for a watcher on hold; beyond it the watcher gets everything anew. */
export const WATCHER_PENDING_MAX = 10_000

/** Ends of instances that such a watcher is told of first; of more, the earliest are forgotten. */
export const WATCHER_ENDS_MAX = 150_000

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

/** Characters that may wait for the journal's disk; more are refused. */
export const JOURNAL_WAITING_CHARACTERS_MAX = 67_108_864

/** A page of the journal ends with the entry that brings it to so many characters. */
export const JOURNAL_PAGE_CHARACTERS_MAX = 4_194_304

/** Entries that the journal removes in one step; others are served between steps. */
export const JOURNAL_DROPS_PER_STEP_MAX = 1000

/** Bytes of a report of transactions. */
export const TX_REPORT_BYTES_MAX = 4_194_304

/** Branches of one transaction; a report that brings more is refused. */
export const TX_BRANCHES_MAX = 1000

/** Transactions that one page of a search looks at; the page ends there, and its cursor goes on. */
export const TX_SEARCH_STEPS_MAX = 20_000

/** Services that the statistics of transactions name: those with the most in flight. */
export const TX_SERVICES_SHOWN_MAX = 100

/** Tokens whose verification is remembered; more start the collection anew. */
export const KNOWN_TOKENS_MAX = 10_000

/** Characters of a credential; longer ones are refused unread. */
export const CREDENTIAL_LENGTH_MAX = 8192

/** Passwords that are compared at the same time: each takes 16 MiB for some hundredths of a second. */
export const PASSWORD_CHECKS_MAX = 2

/** The longest time that hashing a password may take: its process has a low priority. */
export const PASSWORD_HASH_MS_MAX = 30_000

/** Sign-ins that may wait for their turn; more are told to come again. */
export const WAITING_SIGN_INS_MAX = 200

/** Wrong passwords that a name has from one address before it is locked there. */
export const WRONG_PASSWORDS_MAX = 3

/** Names and addresses whose wrong passwords are remembered, and locks that are stored. */
export const LOCKOUTS_MAX = 10_000

/** How long work on one request may go on before others have their turn, milliseconds. */
export const WORK_SLICE_MS_MAX = 5

/** Characters of a long answer that are encoded in one go. */
export const LONG_TEXT_PIECE_LENGTH = 65_536

/** Tenants whose list of all services is kept encoded. */
export const SERVICE_LISTS_MAX = 4

/** Instances whose state is set in one commit when many are to change; all or nothing of them is changed. */
export const STATUS_CHANGES_PER_COMMIT_MAX = 1000

/** Characters of a state, before or after, that one entry of the audit log keeps whole. */
export const AUDIT_STATE_LENGTH_MAX = 16_384

/** Instances of a service that an entry of the audit log names; beyond it they are only counted. */
export const AUDIT_INSTANCES_SHOWN_MAX = 100

/** Characters of a client's words (agent, address, resource, detail) in an entry of the audit log. */
export const AUDIT_WORD_LENGTH_MAX = 1024

/** Characters from which on entries of the audit log are written as a block of their own. */
export const AUDIT_BLOCK_LENGTH = 32_768

/** Characters that are gathered, while nobody waits for them, before they are written early. */
export const AUDIT_GATHERED_LENGTH_MAX = 1_048_576

/** Characters of the audit log that may wait for the disk; beyond it changes wait, and refusals are only counted. */
export const AUDIT_WAITING_LENGTH_MAX = 8_388_608

/** Entries that one page of a search of the audit log looks at; the page ends there, and its cursor goes on. */
export const AUDIT_SEARCH_STEPS_MAX = 20_000

/** Backups that may be under way, bytes of one that may wait for its reader, and how long it may take none of them. */
export const BACKUPS_AT_ONCE_MAX = 2
export const BACKUP_BYTES_WAITING_MAX = 1_048_576
export const BACKUP_STALLED_MS_MAX = 60_000
