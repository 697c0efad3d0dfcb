/** One row of the error catalogue: the code as clients read it and the fixed text that goes with it. */
export interface ErrorRow {
  /** Digits as text, perhaps after a prefix that ends with a dot; the first three are the HTTP status. */
  readonly code: string
  /** Fixed English text; Service Center's, where the product's own list of error codes does not say otherwise. */
  readonly text: string
}

/**
 * Every error that the registry API can answer, by name.
 * Texts: the published CSE error list; codes it lacks have Apache ServiceComb Service Center's text.
 */
export const ERRORS = {
  InvalidParameters: { code: '400001', text: 'Invalid parameter(s)' },
  EnvironmentInUse: { code: '400004', text: 'Environment has services' },
  ServiceAlreadyExists: { code: '400010', text: 'Micro-service already exists' },
  ServiceNotFound: { code: '400012', text: 'Micro-service does not exist' },
  InstancesDeployed: { code: '400013', text: 'Instance has been deployed' },
  SchemaUndefined: { code: '400014', text: 'Undefined schema id' },
  SchemaReadOnly: { code: '400015', text: 'Modify schema is not allow' },
  SchemaNotFound: { code: '400016', text: 'Schema does not exist' },
  InstanceNotFound: { code: '400017', text: 'Instance does not exist' },
  TagNotFound: { code: '400018', text: 'Tag does not exist' },
  ConsumersDepend: { code: '400023', text: 'Consumer(s) depend on this micro-service' },
  ServiceVersionNotFound: { code: '400026', text: 'Micro-service version does not exist' },
  EnvironmentAlreadyExists: { code: '400027', text: 'Environment already exists' },
  EnvironmentNotFound: { code: '400028', text: 'Environment does not exist' },
  QuotaExceeded: { code: '400100', text: 'Not enough quota' },
  AccountNotFound: { code: '400200', text: 'Account not exists' },
  RoleNotFound: { code: '400201', text: 'Role not exists' },
  AccountRolesInvalid: { code: '400202', text: 'Account has invalid role(s)' },
  AccountQuotaExceeded: { code: '400203', text: 'No quota to create account' },
  RoleQuotaExceeded: { code: '400204', text: 'No quota to create role' },
  RoleBound: { code: '400205', text: 'Role is bound to some user(s)' },
  NewPasswordRefused: { code: '400206', text: 'New password is bad' },
  Unauthorized: { code: '401002', text: 'Request unauthorized' },
  HalfOpenUnauthorized: { code: '401302', text: 'User name or password is wrong, RBAC system is half opening' },
  Forbidden: { code: '403001', text: 'Forbidden' },
  AccountBlocked: { code: '403201', text: 'Account blocked' },
  BuiltInAccount: { code: '403202', text: 'Forbid to operate build-in account(s)' },
  BuiltInRole: { code: '403203', text: 'Forbid to operate build-in role(s)' },
  OwnAccount: { code: '403204', text: 'Forbid to operate your own account' },
  NoPermission: { code: '403205', text: 'No permission(s)' },
  AccountDuplicated: { code: '409200', text: 'account name is duplicated' },
  RoleDuplicated: { code: '409201', text: 'role name is duplicated' },
  TooManyRequests: { code: '429001', text: 'Too many requests' },
  TooManySignIns: { code: '429201', text: 'Too many sign-ins at once' },
  Internal: { code: '500003', text: 'Internal server error' },
  StoreUnavailable: { code: '500011', text: 'Backend service is unavailable' },
  QuotaUnavailable: { code: '500101', text: 'Quota service is unavailable' },
} as const satisfies Record<string, ErrorRow>

export type ErrorName = keyof typeof ERRORS

/** Errors of the monitoring API, by name. Texts: the published CSE error list. */
export const MONITORING_ERRORS = {
  MetricInvalid: { code: 'SVCSTG.CSE.4001000', text: 'upload metric invalid' },
  TransactionHeadInvalid: {
    code: 'SVCSTG.CSE.4001011',
    text: 'Upload head is null or active tx list exceeds the max size',
  },
  TransactionInfoInvalid: { code: 'SVCSTG.CSE.4001011', text: 'The TxInfo is null or too large' },
  /** Not in the list: its reads are our own. */
  TransactionNotExists: { code: 'SVCSTG.CSE.4041011', text: 'Transaction does not exist' },
  /** Its text goes on with the reason; see `monitoringErrorBody`. */
  BodyUndecodable: { code: 'SVCSTG.CSE.500500', text: 'Failed to decode' },
} as const satisfies Record<string, ErrorRow>

export type MonitoringErrorName = keyof typeof MONITORING_ERRORS

/** The body of every refused registry request; both spellings carry the same value, `detail` is never absent. */
export interface ErrorBody {
  readonly errorCode: string
  readonly errorMessage: string
  readonly errCode: string
  readonly errMsg: string
  readonly detail: string
}

/** HTTP status of an error: the first three digits of its code. */
export function errorStatus(row: ErrorRow): number {
  const digits = row.code.lastIndexOf('.') + 1
  return Number(row.code.slice(digits, digits + 3))
}

/** The body for an error; `detail` says which field, rule or thing it is about. */
export function errorBody(row: ErrorRow, detail: string): ErrorBody {
  return { errorCode: row.code, errorMessage: row.text, errCode: row.code, errMsg: row.text, detail }
}

/** The body of every refused monitoring request. */
export interface MonitoringErrorBody {
  readonly error_code: string
  readonly error_message: string
  readonly detail: string
}

/** The body for an error of the monitoring API; what cannot be decoded has its reason in the text, as CSE has it. */
export function monitoringErrorBody(row: ErrorRow, detail: string): MonitoringErrorBody {
  const text = row === MONITORING_ERRORS.BodyUndecodable ? `${row.text}: ${detail}` : row.text
  return { error_code: row.code, error_message: text, detail }
}

/** How an error reads inside another answer, for example in the result of a batch: `text(detail)`. */
export function errorText(row: ErrorRow, detail: string): string {
  return detail === '' ? row.text : `${row.text}(${detail})`
}
