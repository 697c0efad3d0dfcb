/** One row of the error catalogue: the code as clients read it and the fixed text that goes with it. */
export interface ErrorRow {
  /** Six digits as text; the first three are the HTTP status. */
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
  TooManySignIns: { code: '429201', text: 'Too many sign-ins at once' },
  Internal: { code: '500003', text: 'Internal server error' },
  StoreUnavailable: { code: '500011', text: 'Backend service is unavailable' },
} as const satisfies Record<string, ErrorRow>

export type ErrorName = keyof typeof ERRORS

/** The body of every refused registry request; both spellings carry the same value, `detail` is never absent. */
export interface ErrorBody {
  readonly errorCode: string
  readonly errorMessage: string
  readonly errCode: string
  readonly errMsg: string
  readonly detail: string
}

/** HTTP status of an error: its code divided by 1000. */
export function errorStatus(row: ErrorRow): number {
  return Number(row.code.slice(0, 3))
}

/** The body for an error; `detail` says which field, rule or thing it is about. */
export function errorBody(row: ErrorRow, detail: string): ErrorBody {
  return { errorCode: row.code, errorMessage: row.text, errCode: row.code, errMsg: row.text, detail }
}

/** How an error reads inside another answer, for example in the result of a batch: `text(detail)`. */
export function errorText(row: ErrorRow, detail: string): string {
  return detail === '' ? row.text : `${row.text}(${detail})`
}
