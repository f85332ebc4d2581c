import { test as base } from '@playwright/test';

export { expect } from '@playwright/test';

/** A journey in browsers, which closes whatever it opened: a page that stays open goes on drawing, and slows down all that follow. */
export const test = base.extend<{ tidy: undefined }>({
  tidy: [
    async ({ browser }, use) => {
      await use(undefined);
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    { auto: true },
  ],
});
