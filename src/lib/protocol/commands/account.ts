import * as v from 'valibot';
import { NEXT_ACTIONS } from '#lib/domain/case/case.ts';
import { DEPARTMENTS } from '#lib/domain/member/member.ts';
import { ASKABLE_KINDS } from '#lib/domain/task/task.ts';
import { currency, day, id, optionalText, positiveCents, text } from './common.ts';

export const OUTCOMES = [
  'reached',
  'message_left',
  'no_answer',
  'promise',
  'contested',
  'wrong_contact',
  'paid_already',
  'answered',
  'other',
] as const;
export type Outcome = (typeof OUTCOMES)[number];
export const CHANNELS = ['call', 'email', 'letter', 'visit', 'other'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Starts an outgoing contact: needs the claim and takes a free case by itself. */
export const startCallInput = v.object({ id, contactId: v.optional(v.nullable(id), null) });

const promise = v.object({ cents: positiveCents, currency, dueDay: day });

/** Writes down what has happened; never refused for want of the claim. A promise is required with the outcome `promise` and only there. */
export const recordContactInput = v.pipe(
  v.object({
    id,
    channel: v.picklist(CHANNELS),
    direction: v.optional(v.picklist(['made', 'received']), 'made'),
    outcome: v.picklist(OUTCOMES),
    contactId: v.optional(v.nullable(id), null),
    text: optionalText(4_000),
    promise: v.optional(v.nullable(promise), null),
    nextAction: v.optional(v.nullable(v.picklist(NEXT_ACTIONS)), null),
    nextActionOn: v.optional(v.nullable(day), null),
  }),
  v.check((input) => (input.outcome === 'promise') === (input.promise !== null), 'promise'),
);

const phone = v.pipe(v.string(), v.trim(), v.maxLength(40, 'too_long'), v.regex(/^[+()\d][\d\s().\-/+]*$/, 'phone'));
const email = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(254, 'too_long'),
  v.regex(/^[^\s@<>"'()]+@[^\s@<>"'()]+\.[^\s@<>"'()]+$/, 'email'),
);
const contactFields = {
  name: text(120),
  role: optionalText(120),
  email: v.optional(
    v.nullable(
      v.union([
        v.pipe(
          v.literal(''),
          v.transform(() => null),
        ),
        email,
      ]),
    ),
    null,
  ),
  phone: v.optional(
    v.nullable(
      v.union([
        v.pipe(
          v.literal(''),
          v.transform(() => null),
        ),
        phone,
      ]),
    ),
    null,
  ),
};
/** `id` is the account's. */
export const addContactInput = v.object({ id, ...contactFields });
export const changeContactInput = v.object({ id, contactId: id, ...contactFields });
export const removeContactInput = v.object({ id, contactId: id });

export const withdrawPromiseInput = v.object({ id, promiseId: id, reason: text(500) });

/** Exactly one of memberId and department. Without a day, the usual number of working days. */
export const createTaskInput = v.pipe(
  v.object({
    accountId: id,
    kind: v.picklist(ASKABLE_KINDS),
    text: text(2_000),
    dueDay: v.optional(v.nullable(day), null),
    memberId: v.optional(v.nullable(id), null),
    department: v.optional(v.nullable(v.picklist(DEPARTMENTS)), null),
    itemIds: v.optional(v.pipe(v.array(id), v.maxLength(200, 'too_long')), []),
    /** What it is asked for: the amount that waits and the items are the dispute's then, and it is not given to anybody else. */
    disputeId: v.optional(v.nullable(id)),
  }),
  v.check((input) => (input.memberId === null) !== (input.department === null), 'member_or_department'),
);
/** `id` is the task's. */
export const completeTaskInput = v.object({ id, answer: optionalText(2_000) });
export const declineTaskInput = v.object({ id, reason: text(2_000) });
export const acceptTaskInput = v.object({ id });
export const returnTaskInput = v.object({ id, reason: text(2_000) });

export type RecordContactInput = v.InferOutput<typeof recordContactInput>;
export type CreateTaskInput = v.InferOutput<typeof createTaskInput>;
export type AddContactInput = v.InferOutput<typeof addContactInput>;
export type ChangeContactInput = v.InferOutput<typeof changeContactInput>;
