import type { Locale } from '#lib/domain/member/member.ts';
import type { Day, Instant } from '#lib/domain/values.ts';

/** Instants as the clocks of the workspace show them, whatever the browser's zone: two people read the same. */
export interface Zoned {
  /** `14:05` */
  time: (at: Instant) => string;
  /** `22 nov. 2026, 14:05` */
  dateTime: (at: Instant) => string;
  /** The calendar day of the instant. */
  day: (at: Instant) => Day;
}

const TAGS: Record<Locale, string> = { fr: 'fr-FR', en: 'en-GB' };
const made = new Map<string, Zoned>();

/** Made once per language and zone. @param zone IANA name, `Europe/Paris` */
export function zoned(locale: Locale, zone: string): Zoned {
  const key = `${locale} ${zone}`;
  let found = made.get(key);
  if (found === undefined) {
    const time = new Intl.DateTimeFormat(TAGS[locale], { hour: '2-digit', minute: '2-digit', timeZone: zone });
    const dateTime = new Intl.DateTimeFormat(TAGS[locale], {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZone: zone,
    });
    const day = new Intl.DateTimeFormat('sv-SE', { timeZone: zone });
    found = {
      time: (at) => time.format(new Date(at)),
      dateTime: (at) => dateTime.format(new Date(at)),
      day: (at) => day.format(new Date(at)),
    };
    made.set(key, found);
  }
  return found;
}
