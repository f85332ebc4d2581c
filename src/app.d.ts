import type { Actor, Locale } from '#lib/domain/member/member.ts';
import type { Runtime } from '#server/runtime.ts';

declare global {
  namespace App {
    interface Locals {
      runtime: Runtime;
      actor: Actor | null;
      /** How the actor was recognised; null for nobody. */
      credential: { kind: 'session' | 'token'; id: string } | null;
      locale: Locale;
      /** Of this request, in logs and in the answer. */
      requestId: string;
    }
    interface Error {
      message: string;
      code: string;
      requestId?: string;
    }
  }
}

export {};
