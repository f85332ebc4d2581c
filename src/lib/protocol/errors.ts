/** The catalogue of refusals: stable code → HTTP status, and whether it is a bug worth reporting. */
export const ERRORS = {
  bad_request: { status: 400, report: false },
  validation_failed: { status: 400, report: false },
  unauthenticated: { status: 401, report: false },
  sign_in_failed: { status: 401, report: false },
  forbidden: { status: 403, report: false },
  foreign_origin: { status: 403, report: false },
  not_found: { status: 404, report: false },
  method_not_allowed: { status: 405, report: false },
  conflict: { status: 409, report: false },
  already_claimed: { status: 409, report: false },
  not_claimed_by_you: { status: 409, report: false },
  queue_empty: { status: 409, report: false },
  import_running: { status: 409, report: false },
  import_older: { status: 409, report: false },
  import_refused_lines: { status: 409, report: false },
  import_state: { status: 409, report: false },
  already_exists: { status: 409, report: false },
  absence_cycle: { status: 409, report: false },
  last_manager: { status: 409, report: false },
  task_closed: { status: 409, report: false },
  promise_closed: { status: 409, report: false },
  dispute_state: { status: 409, report: false },
  already_disputed: { status: 409, report: false },
  approval_needed: { status: 409, report: false },
  einvoice_matched: { status: 409, report: false },
  draft_behind: { status: 409, report: false },
  draft_empty: { status: 409, report: false },
  message_gone: { status: 409, report: false },
  set_up_done: { status: 409, report: false },
  link_expired: { status: 410, report: false },
  version_conflict: { status: 412, report: false },
  too_large: { status: 413, report: false },
  unsupported_media: { status: 415, report: false },
  einvoice_unreadable: { status: 422, report: false },
  idempotency_mismatch: { status: 422, report: false },
  rule_refused: { status: 422, report: false },
  too_many_requests: { status: 429, report: false },
  internal: { status: 500, report: true },
  store_unavailable: { status: 503, report: false },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** One field's refusal: dotted path of the field, and a stable reason code or the schema's message. */
export interface FieldIssue {
  path: string;
  reason: string;
}

/** What travels with a refusal; never personal text. */
export interface ErrorDetails {
  /** Who holds the claim: member id, and name for the words. */
  holderId?: string;
  holderName?: string;
  /** Instant until which the lease holds. */
  until?: string;
  /** The version that the server has now. */
  currentVersion?: number;
  /** Code of the rule that refused (docs/rules.md). */
  rule?: string;
  issues?: FieldIssue[];
  /** Seconds to wait before another try. */
  retryAfter?: number;
  [key: string]: unknown;
}

/** An expected refusal. Everything else that is thrown is a bug. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(code);
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }
  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** RFC 9457 problem document. `code` is ours and stable. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  instance?: string;
  details?: ErrorDetails;
}
