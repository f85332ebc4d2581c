import * as v from 'valibot';
import { MAIL_PACES } from '#lib/domain/notification/notification.ts';
import { VIEW_SCREENS } from '#lib/domain/view/saved-view.ts';
import { id, text } from './common.ts';
import { after, limit } from './pages.ts';

export const notificationListInput = v.object({
  unread: v.optional(
    v.union([
      v.boolean(),
      v.pipe(
        v.picklist(['true', 'false']),
        v.transform((t) => t === 'true'),
      ),
    ]),
    false,
  ),
  limit: limit(200, 50),
  after,
});
/** Empty: all of them. */
export const readNotificationsInput = v.object({
  ids: v.optional(v.pipe(v.array(id), v.maxLength(200, 'too_long')), []),
});
export const notificationSettingsInput = v.object({ mails: v.picklist(MAIL_PACES) });
export const mailListInput = v.object({ limit: limit(200, 50), after });

const query = v.pipe(v.string(), v.maxLength(1_000, 'too_long'), v.regex(/^[A-Za-z0-9._~%&=+,:-]*$/, 'query'));
export const saveViewInput = v.object({
  screen: v.picklist(VIEW_SCREENS),
  name: text(60),
  query,
  team: v.optional(v.boolean(), false),
});
export const changeViewInput = v.object({ id, name: text(60), query });
export const removeViewInput = v.object({ id });
export const viewListInput = v.object({ screen: v.picklist(VIEW_SCREENS) });

export type SaveViewInput = v.InferOutput<typeof saveViewInput>;
