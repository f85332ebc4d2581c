/** Why a file of an electronic invoice or of its status is refused: `details.rule` of `einvoice_unreadable`. */
export const EINVOICE_REFUSALS = [
  'file_empty',
  'file_kind',
  'xml_encoding',
  'xml_broken',
  'xml_doctype',
  'xml_too_deep',
  'xml_too_complex',
  'xml_unknown',
  'not_a_status',
  'field_missing',
  'day_unreadable',
  'amount_unreadable',
  'currency_unknown',
  'pdf_broken',
  'pdf_locked',
  'pdf_plain',
  'pdf_too_slow',
  'buyer_several',
  'too_many_documents',
] as const;
export type EinvoiceRefusal = (typeof EINVOICE_REFUSALS)[number];
