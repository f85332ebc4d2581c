import { expect, it } from 'vitest';
import { exampleStatus } from './example.ts';

it('an example refuses a fifth to the cent, and keeps odd names out of the markup', () => {
  const facts = { number: 'F 1/<a>', issueDay: '2026-02-01', cents: 100_003, currency: 'EUR', buyerSiren: null };
  const { name, xml } = exampleStatus({ ...facts, buyerName: 'A & <b> "c"', sellerName: 'S' }, '2026-03-31');
  expect(name).toBe('statut-206-F-1-a-.xml');
  expect(xml).toContain('>800.02<');
  expect(xml).toContain('>200.01<');
  expect(xml).toContain('A &amp; &lt;b&gt; &quot;c&quot;');
  expect(xml).not.toContain('<a>');
});
