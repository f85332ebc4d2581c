/** Who may read; the narrowest is the default and never leads outward. */
export const AUDIENCES = ['internal', 'credit', 'customer', 'partner'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** Whether this names an audience. */
export const isAudience = (value: unknown): value is Audience => (AUDIENCES as readonly unknown[]).includes(value);

/** Audiences of which outsiders will read what is posted. */
export function isOutward(audience: Audience): boolean {
  return audience === 'customer' || audience === 'partner';
}
