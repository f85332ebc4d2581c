import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROLES, type Role } from '#lib/domain/member/member.ts';
import { ACTIONS, type Action } from './actions.ts';
import { inScope } from './in-scope.ts';
import { actionsOf, may } from './may.ts';
import { POLICY } from './table.ts';

/** The promise to users, read by people: columns collector sales quality adv logistics accounting manager finance admin. */
const PROMISE = `
queue.read            x x x x x x x x x
account.read          x x x x x x x x x
account.export        x x - - - x x x x
case.claim            x - - - - - x - -
case.release          x - - - - - x - -
case.hand_over        x - - - - - x - -
case.break_claim      - - - - - - x - x
case.finish           x - - - - - x - -
case.postpone         x - - - - - x - -
case.reassign         - - - - - - x - x
call.start            x - - - - - x - -
contact.record        x x x x x x x - -
contact.edit          x x - x - x x - -
promise.withdraw      x - - - - - x - -
task.read             x x x x x x x x x
task.create           x x x x x x x - -
task.close            x x x x x x x - -
note.read             x x x x x x x x x
note.write            x x x x x x x - -
dispute.read          x x x x x x x x x
dispute.open          x x x x x x x - -
dispute.qualify       x x x x x x x - -
dispute.assign        x x x x x x x - -
dispute.wait          x x x x x x x - -
dispute.answer        x x x x x x x - -
dispute.resolve       x x - x - x x - -
dispute.approve       - - - - - - x x -
dispute.close         x - - - - - x - -
dispute.reopen        x x x x x x x - -
dispute.export        x x x x x x x x x
thread.read           x x x x x x x x x
thread.write          x x x x x x x - -
thread.read_credit    x - - - - - x x -
thread.write_credit   x - - - - - x - -
thread.write_outward  x x - x - x x - -
text.erase            - - - - - - x - x
notification.read     x x x x x x x x x
view.save             x x x x x x x x x
view.share            - - - - - - x - x
mail.read             - - - - - - - - x
einvoice.receive      - - - x - - x - x
einvoice.read         x - - x - x x x x
einvoice.match        - - - x - x x - x
webhook.manage        - - - - - - x - x
presence.show         x x x x x x x x x
import.stage          - - - - - - x - x
import.apply          - - - - - - x - x
import.read           - - - - - - x x x
owner.distribute      - - - - - - x - x
insight.read          - - - - - - x x x
member.read           x x x x x x x x x
member.manage         - - - - - - x - x
member.absence        x x x x x x x x x
token.manage          - - - - - - x x x
workspace.manage      - - - - - - x - x
`;
const COLUMNS: Role[] = [
  'collector',
  'sales',
  'quality',
  'adv',
  'logistics',
  'accounting',
  'manager',
  'finance',
  'admin',
];
const promised = new Map(
  PROMISE.trim()
    .split('\n')
    .map((line) => {
      const [action = '', ...marks] = line.split(/\s+/);
      return [action, new Set(COLUMNS.filter((_, column) => marks[column] === 'x'))];
    }),
);

describe('[A1] one policy table', () => {
  it('[A1] has a row for every action and every role a column', () => {
    expect(Object.keys(POLICY).sort()).toEqual([...ACTIONS].sort());
    expect([...promised.keys()].sort()).toEqual([...ACTIONS].sort());
    expect([...COLUMNS].sort()).toEqual([...ROLES].sort());
  });

  it.each(ACTIONS.flatMap((action) => ROLES.map((role) => ({ action, role }))))(
    '[A1] $role, $action: as promised',
    ({ action, role }) => {
      expect(may({ role, allowedActions: null }, action)).toBe(promised.get(action)?.has(role) ?? false);
    },
  );

  it('[A1] refuses what it does not name, whatever the role', () => {
    for (const action of ['', 'case.delete', 'toString', '__proto__', 'constructor', 'CASE.CLAIM'])
      for (const role of ROLES) expect(may({ role, allowedActions: null }, action as Action)).toBe(false);
    expect(may({ role: 'owner' as Role, allowedActions: null }, 'queue.read')).toBe(false);
  });

  it('[A1] gives a token what both its list and its role allow, never more', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ROLES), fc.subarray([...ACTIONS]), (role, allowedActions) => {
        const whole = actionsOf({ role, allowedActions: null });
        expect(actionsOf({ role, allowedActions })).toEqual(whole.filter((action) => allowedActions.includes(action)));
      }),
    );
  });
});

describe('[A2] scope', () => {
  it.each([
    { rights: null, access: [], within: true },
    { rights: [], access: ['owner:a'], within: false },
    { rights: ['owner:a'], access: [], within: false },
    { rights: ['owner:a', 'dept:credit'], access: ['owner:b', 'dept:credit'], within: true },
    { rights: ['owner:a'], access: ['owner:ab', 'rep:a'], within: false },
  ])('[A2] rights $rights on access $access: $within', ({ rights, access, within }) => {
    expect(inScope(rights, access)).toBe(within);
  });
});
