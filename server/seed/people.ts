import type { App } from '../app.ts';
import type { Member } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { createMember, type NewMember } from '../services/members/create-workspace.ts';

/** Each of them can sign in with it, in a demonstration only. */
export const DEMO_PASSWORD = 'encours-demo-2026';

const at = (name: string): string => `${name}@demo.encours.example`;

const PEOPLE: readonly Omit<NewMember, 'password'>[] = [
  { email: at('chloe'), name: 'Chloé Vaudran', role: 'collector', ledgerCode: 'CV', scope: 'all' },
  { email: at('karim'), name: 'Karim Belvossac', role: 'collector', ledgerCode: 'KB', scope: 'all' },
  { email: at('nadege'), name: 'Nadège Orlivrin', role: 'sales', ledgerCode: 'NO', scope: 'portfolio' },
  { email: at('hugo'), name: 'Hugo Tressanne', role: 'quality', scope: 'department' },
  { email: at('solene'), name: 'Solène Marcivat', role: 'adv', scope: 'department' },
  { email: at('yann'), name: 'Yann Corvilier', role: 'logistics', scope: 'department' },
  { email: at('ines'), name: 'Inès Tardinelle', role: 'accounting', scope: 'department' },
  { email: at('philippe'), name: 'Philippe Garronnel', role: 'manager', scope: 'all' },
];

export interface DemoTeam {
  all: Member[];
  collectors: Member[];
  manager: Member;
}

/** Eight people who do not exist, one for each way of working. */
export async function makeTeam(app: App, workspaceId: Id): Promise<DemoTeam> {
  const all: Member[] = [];
  for (const one of PEOPLE) all.push(await createMember(app, workspaceId, { ...one, password: DEMO_PASSWORD }));
  const manager = all.find((member) => member.role === 'manager');
  if (manager === undefined) throw new Error('the demo has no manager');
  return { all, collectors: all.filter((member) => member.role === 'collector'), manager };
}
