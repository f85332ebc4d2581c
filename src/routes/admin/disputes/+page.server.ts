import { DISPUTE_REASONS, type DisputeSettings } from '#lib/domain/dispute/dispute.ts';
import { parseAmount } from '#lib/domain/money/money.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { answerForm } from '#lib/server/forms.ts';
import { ask } from '#lib/server/page.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => ({
  settings: await ask<DisputeSettings>(locals, 'dispute.settings'),
  key: crypto.randomUUID(),
});

export const actions: Actions = {
  save: (event) =>
    answerForm(event, 'save', async (values) => {
      if (event.locals.actor === null) throw new AppError('unauthenticated');
      const days = (name: string): number => Number(values.text(name));
      const cents = (name: string): number => parseAmount(values.text(name))?.cents ?? Number.NaN;
      const departments: Record<string, string> = {};
      for (const reason of DISPUTE_REASONS) {
        const given = values.given(`department_${reason}`);
        if (given !== null) departments[reason] = given;
      }
      const input = {
        departments,
        creditNoteLimitCents: cents('creditNoteLimitCents'),
        writeOffLimitCents: cents('writeOffLimitCents'),
        qualifyDays: days('qualifyDays'),
        answerDays: days('answerDays'),
        resolveDays: days('resolveDays'),
      };
      await event.locals.runtime.run(event.locals.actor, 'dispute.change_settings', input, values.meta());
      return { done: 'save' };
    }),
};
