/** Close codes of /collab. 4400 to 4499 are final: y-websocket stops retrying. */
export const CLOSE = {
  /** Not our protocol: malformed frame, forged identity. */
  BAD_PROTOCOL: 4400,
  SIGNED_OUT: 4401,
  /** Not allowed any more; asked for again only after a `rights` event. */
  FORBIDDEN: 4403,
  /** The document was restored or erased: start afresh under the new epoch. */
  EPOCH_CHANGED: 4409,
  TOO_LARGE: 4413,
  /** Too slow or too many: come back after a pause. */
  TRY_LATER: 1013,
  GOING_AWAY: 1001,
} as const;
