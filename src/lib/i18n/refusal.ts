import type { Locale } from '#lib/domain/member/member.ts';
import type { ErrorCode, ErrorDetails } from '#lib/protocol/errors.ts';
import { formats } from './format.ts';
import { error } from './groups/error.ts';
import { render, speak } from './words.ts';

/** Every code has words: a code added to the catalogue and not here does not compile. */
type Worded = Exclude<ErrorCode, keyof (typeof error)['fr']> extends never ? true : never;
const everyCodeHasWords: Worded = true;
void everyCodeHasWords;

/** Rules whose refusal has words of its own. */
const RULES = { 'DIS-6': 'rule_dis_6', 'DIS-7': 'rule_dis_7', 'DIS-9': 'rule_dis_9' } as const;

/**
 * A refusal in the user's words, with the name and the time that it carries.
 * @param code stable code, or `network` when no answer came
 */
export function refusalText(locale: Locale, code: ErrorCode | 'network', details: ErrorDetails = {}): string {
  const say = speak(error, locale);
  const name = details.holderName;
  switch (code) {
    case 'already_claimed':
      if (name === undefined) return say('already_claimed_unknown');
      return details.until === undefined
        ? say('already_claimed_by', { name })
        : say('already_claimed', { name, time: formats(locale).time(details.until) });
    case 'not_claimed_by_you':
      return name === undefined ? say('not_claimed_by_you') : say('not_claimed_by_you_but', { name });
    case 'rule_refused':
      if (details.rule !== undefined && details.rule in RULES) return say(RULES[details.rule as keyof typeof RULES]);
      return details.rule === undefined ? say('rule_refused_plain') : say('rule_refused', { rule: details.rule });
    case 'too_many_requests':
      return details.retryAfter === undefined
        ? say('too_many_requests_plain')
        : say('too_many_requests', { count: details.retryAfter });
    default:
      return render(error, locale, code);
  }
}

/** Why a field was refused; unknown reasons of the schema library are said plainly. */
export function fieldText(locale: Locale, reason: string): string {
  const key = `field_${reason}`;
  return render(error, locale, key in error.fr ? key : 'field_other');
}
