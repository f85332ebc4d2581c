/** Why a line is refused: stable codes, with words in the catalogue of each language (rule IMP-9). */
export const LINE_ERRORS = [
  'account_number_missing',
  'account_number_too_long',
  'item_number_missing',
  'item_number_too_long',
  'issue_day_missing',
  'date_unreadable',
  'date_impossible',
  'amount_missing',
  'amount_unreadable',
  'currency_unknown',
  'kind_unknown',
  'duplicate_item',
  'too_many_cells',
] as const;
export type LineError = (typeof LINE_ERRORS)[number];

/** What is taken but should be looked at. */
export const LINE_WARNINGS = [
  'amount_rounded',
  'siren_invalid',
  'siret_invalid',
  'vat_number_invalid',
  'email_invalid',
  'terms_unreadable',
  'flag_assumed',
  'due_before_issue',
  'open_above_amount',
  'text_damaged',
] as const;
export type LineWarning = (typeof LINE_WARNINGS)[number];

/** Why a mapping cannot be used as it is. */
export const MAPPING_ERRORS = [
  'account_number_unmapped',
  'item_number_unmapped',
  'issue_day_unmapped',
  'amount_unmapped',
  'field_mapped_twice',
  'column_absent',
] as const;
export type MappingError = (typeof MAPPING_ERRORS)[number];
