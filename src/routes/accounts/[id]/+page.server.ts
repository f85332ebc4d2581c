import { redirect } from '@sveltejs/kit';
import { parseAmount } from '#lib/domain/money/money.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { AccountSheet, ItemPage } from '#lib/protocol/views/views.ts';
import { answerForm, type FormValues } from '#lib/server/forms.ts';
import { ask } from '#lib/server/page.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

const FIRST_ITEMS = 60;
const ITEM_STATES = ['open', 'overdue', 'disputed', 'credit', 'settled', 'all'] as const;
const WRITES = ['contact', 'promise', 'task', 'person', 'dispute'] as const;
type Write = (typeof WRITES)[number];

/** The sheet and the first items, in the HTML; `write` asks for one of the forms, for browsers without script. */
export const load: PageServerLoad = async ({ locals, params, url, depends }) => {
  depends('encours:account');
  const { id } = params;
  const itemState = ITEM_STATES.find((one) => one === url.searchParams.get('items')) ?? 'open';
  const write: Write | null = WRITES.find((one) => one === url.searchParams.get('write')) ?? null;
  const [sheet, items] = await Promise.all([
    ask<AccountSheet>(locals, 'account.sheet', { id }),
    ask<ItemPage>(locals, 'account.items', { id, state: itemState, limit: FIRST_ITEMS }),
  ]);
  return { sheet, items, itemState, write, key: crypto.randomUUID() };
};

/** A command of a form, then the account again. */
function form(
  name: string,
  operation: string,
  inputOf: (values: FormValues, id: string) => { [field: string]: unknown },
): (event: RequestEvent) => Promise<unknown> {
  return async (event) => {
    const { actor, runtime } = event.locals;
    const { id } = event.params;
    const answer = await answerForm(event, name, async (values) => {
      if (actor === null) throw new AppError('unauthenticated');
      await runtime.run(actor, operation, inputOf(values, id), values.meta());
      return { done: name };
    });
    if ('done' in answer) redirect(303, `/accounts/${encodeURIComponent(id)}`);
    return answer;
  };
}

function recordInput(values: FormValues, id: string): { [field: string]: unknown } {
  const outcome = values.text('outcome');
  const nextAction = values.given('nextAction');
  return {
    id,
    channel: values.text('channel'),
    direction: values.text('direction'),
    outcome,
    contactId: values.given('contactId'),
    text: values.text('text'),
    promise:
      outcome === 'promise'
        ? {
            cents: parseAmount(values.text('amount'))?.cents ?? 0,
            currency: values.text('currency'),
            dueDay: values.text('promiseDay'),
          }
        : null,
    nextAction,
    nextActionOn: nextAction === null ? null : values.given('nextActionOn'),
  };
}

function taskInput(values: FormValues, accountId: string): { [field: string]: unknown } {
  const to = values.text('to');
  return {
    accountId,
    kind: values.text('kind'),
    text: values.text('text'),
    dueDay: values.text('dueDay'),
    memberId: to.startsWith('member:') ? to.slice('member:'.length) : null,
    department: to.startsWith('dept:') ? to.slice('dept:'.length) : null,
  };
}

function disputeInput(values: FormValues, accountId: string): { [field: string]: unknown } {
  const items = values
    .names()
    .filter((name) => name.startsWith('item.') && values.given(name) !== null)
    .map((name) => ({ itemId: name.slice('item.'.length), cents: parseAmount(values.text(name))?.cents ?? -1 }));
  return {
    accountId,
    items: items.filter(({ cents }) => cents !== 0),
    reason: values.text('reason'),
    detail: values.text('detail'),
    department: values.given('department'),
    memberId: values.given('memberId'),
  };
}

export const actions: Actions = {
  claim: form('claim', 'case.claim', (_, id) => ({ id })),
  release: form('release', 'case.release', (_, id) => ({ id })),
  call: form('call', 'call.start', (_, id) => ({ id })),
  record: form('record', 'contact.record', recordInput),
  contact: form('contact', 'contact.add', (values, id) => ({
    id,
    name: values.text('name'),
    role: values.text('role'),
    email: values.text('email'),
    phone: values.text('phone'),
  })),
  task: form('task', 'task.create', taskInput),
  dispute: form('dispute', 'dispute.open', disputeInput),
};
