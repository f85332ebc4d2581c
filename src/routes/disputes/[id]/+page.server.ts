import { redirect } from '@sveltejs/kit';
import { RESOLUTION_PARTS } from '#lib/domain/dispute/dispute.ts';
import { parseAmount } from '#lib/domain/money/money.ts';
import { STEPS } from '#lib/protocol/dispute-address.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { DisputeSheet } from '#lib/protocol/views/dispute.ts';
import { answerForm, type FormValues } from '#lib/server/forms.ts';
import { ask } from '#lib/server/page.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

/** The dispute with its threads, in the HTML; `write` asks for one of the forms, for browsers without script. */
export const load: PageServerLoad = async ({ locals, params, url, depends }) => {
  depends('encours:dispute');
  const from = url.searchParams.get('from');
  const sheet = await ask<DisputeSheet>(locals, 'dispute.read', { id: params.id, from });
  const write = STEPS.find((one) => one === url.searchParams.get('write')) ?? null;
  return { sheet, from, write, key: crypto.randomUUID() };
};

type Input = { [field: string]: unknown };

/** A command of a form, then the dispute again. */
function form(
  step: (typeof STEPS)[number],
  inputOf: (values: FormValues) => Input,
): (event: RequestEvent) => Promise<unknown> {
  return async (event) => {
    const { actor, runtime } = event.locals;
    const { id } = event.params;
    const answer = await answerForm(event, step, async (values) => {
      if (actor === null) throw new AppError('unauthenticated');
      await runtime.run(actor, `dispute.${step}`, { id, ...inputOf(values) }, values.meta());
      return { done: step };
    });
    if ('done' in answer) redirect(303, `/disputes/${encodeURIComponent(id)}`);
    return answer;
  };
}

/** Cents of a typed amount; 0 for nothing; -1, which is refused, for what cannot be read. */
function centsOf(text: string): number {
  return text.trim() === '' ? 0 : (parseAmount(text)?.cents ?? -1);
}
const reason = (values: FormValues): Input => ({ reason: values.text('text') });

export const actions: Actions = {
  qualify: form('qualify', (values) => ({
    reason: values.text('reason'),
    department: values.given('department'),
    memberId: values.given('memberId'),
  })),
  assign: form('assign', (values) => ({
    department: values.text('department'),
    memberId: values.given('memberId'),
    ask: values.text('ask'),
  })),
  answer: form('answer', (values) => ({
    decision: values.text('decision'),
    rootCause: values.text('rootCause'),
    text: values.text('text'),
  })),
  wait: form('wait', (values) => ({ until: values.text('until'), reason: values.text('text') })),
  resume: form('resume', () => ({})),
  resolve: form('resolve', (values) => ({
    parts: Object.fromEntries(RESOLUTION_PARTS.map((part) => [part, centsOf(values.text(`parts.${part}`))])),
    rootCause: values.given('rootCause'),
    answer: values.text('answer'),
  })),
  approve: form('approve', (values) => ({ agree: values.text('agree') === 'yes', ...reason(values) })),
  close: form('close', reason),
  reopen: form('reopen', reason),
  change: form('change', (values) => ({
    items: values
      .names()
      .filter((name) => name.startsWith('item.'))
      .map((name) => ({ itemId: name.slice('item.'.length), cents: centsOf(values.text(name)) }))
      .filter(({ cents }) => cents !== 0),
    detail: values.text('detail'),
  })),
};
