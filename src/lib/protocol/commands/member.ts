import * as v from 'valibot';
import { DEPARTMENTS, LOCALES, ROLES, SCOPES } from '#lib/domain/member/member.ts';
import { day, id, text } from './common.ts';

const email = v.pipe(
  v.string(),
  v.trim(),
  v.toLowerCase(),
  v.maxLength(254, 'too_long'),
  v.regex(/^[^\s@]+@[^\s@]+$/, 'email'),
);
/** At least 12 characters; no other rule (NIST SP 800-63B). */
const password = v.pipe(v.string(), v.minLength(12, 'too_short'), v.maxLength(256, 'too_long'));

export const signInInput = v.object({ email, password: v.pipe(v.string(), v.minLength(1), v.maxLength(256)) });
export const changePasswordInput = v.object({ current: v.pipe(v.string(), v.maxLength(256)), next: password });
export const setUpInput = v.object({
  code: v.pipe(v.string(), v.trim(), v.maxLength(64)),
  workspaceName: text(120),
  name: text(120),
  email,
  password,
  locale: v.picklist(LOCALES),
});
export const inviteMemberInput = v.object({
  email,
  name: text(120),
  role: v.picklist(ROLES),
  departments: v.pipe(v.array(v.picklist(DEPARTMENTS)), v.maxLength(6)),
  scope: v.picklist(SCOPES),
  ledgerCode: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(60)), ''),
  locale: v.optional(v.picklist(LOCALES), 'fr'),
  /** A new link for somebody who has joined already, to choose a new password by; nothing else of them changes. */
  again: v.optional(v.boolean(), false),
});
export const acceptInvitationInput = v.object({ token: v.pipe(v.string(), v.maxLength(128)), password });
/** Only the given fields change. */
export const changeMemberInput = v.object({
  id,
  name: v.optional(text(120)),
  role: v.optional(v.picklist(ROLES)),
  departments: v.optional(v.pipe(v.array(v.picklist(DEPARTMENTS)), v.maxLength(6))),
  scope: v.optional(v.picklist(SCOPES)),
  ledgerCode: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(60))),
  state: v.optional(v.picklist(['active', 'disabled'])),
});
/** `until` null ends the absence. */
export const setAbsenceInput = v.object({
  id,
  from: v.optional(v.nullable(day), null),
  until: v.nullable(day),
  substituteId: v.nullable(id),
});
export const changeProfileInput = v.object({ locale: v.picklist(LOCALES) });
export const createTokenInput = v.object({
  name: text(80),
  actions: v.nullable(v.pipe(v.array(text(60)), v.minLength(1))),
  expiresOn: v.nullable(day),
});
export const revokeTokenInput = v.object({ id });

export type InviteMemberInput = v.InferOutput<typeof inviteMemberInput>;
export type ChangeMemberInput = v.InferOutput<typeof changeMemberInput>;
export type SetUpInput = v.InferOutput<typeof setUpInput>;
