import { enter } from '../support/e2e-people.ts';
import { statusXml } from '../support/einvoice.ts';
import { expect, test } from '../support/journey.ts';

/** The manager of the demonstration. */
const MANAGER = 'Philippe Garronnel';

test.setTimeout(120_000);

test('[EIN-16] a status without invoice: the example is tried, one is matched by the keyboard, another set aside', async ({
  browser,
}) => {
  const page = await enter(browser, MANAGER);
  const send = async (code: string, invoice: string): Promise<void> => {
    const reasons = [{ code: 'PU_ERR', action: 'CNP' }];
    const answer = await page.request.post('/api/v1/einvoice-statuses', {
      headers: { 'content-type': 'application/xml' },
      data: statusXml({ code, invoice, reasons, buyer: { siren: '999999990', name: 'Inconnu au bataillon' } }),
    });
    expect(answer.ok(), await answer.text()).toBe(true);
  };
  await send('207', 'PERDUE-1');
  await send('203', 'PERDUE-2');

  await page.goto('/admin/imports/einvoices');
  await expect(page.locator('[data-state="live"]')).toBeVisible();
  const example = page.locator('[data-example]');
  const number = (await example.getAttribute('data-example')) ?? '';
  await example.getByRole('button', { name: 'Essayer' }).click();
  const tried = page.locator('[data-file]').filter({ hasText: number });
  await expect(tried).toContainText('appliqué');
  await expect(tried.getByRole('link', { name: 'Voir le litige' })).toBeVisible();

  await page.goto('/admin/imports/einvoices?view=unmatched');
  await expect(page.locator('[data-state="live"]')).toBeVisible();
  const row = (invoice: string) => page.locator(`[data-status="${invoice}"]`);
  await row('PERDUE-1').getByRole('button', { name: 'Choisir la facture' }).press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('Numéro de facture ou compte')).toBeFocused();
  await page.keyboard.type(number);
  const found = dialog.locator(`[data-candidate="${number}"]`);
  await expect(found).toContainText('autre acheteur');
  await found.getByRole('radio').focus();
  await page.keyboard.press('Space');
  await expect(dialog.locator('[data-preview]')).toContainText('rejoint le litige');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(row('PERDUE-1')).toHaveCount(0);

  await row('PERDUE-2').getByRole('button', { name: 'Mettre de côté' }).click();
  await dialog.getByLabel('Motif').fill('Facture d’une autre maison');
  await dialog.getByRole('button', { name: 'Mettre de côté' }).click();
  await expect(row('PERDUE-2')).toHaveCount(0);
  await page.getByRole('link', { name: 'Mis de côté' }).click();
  await expect(row('PERDUE-2')).toContainText('Facture d’une autre maison');
});
