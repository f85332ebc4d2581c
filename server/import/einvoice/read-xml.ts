import { SaxesParser } from 'saxes';
import { decodeXml } from './decode-xml.ts';
import { refuseFile } from './refused.ts';

/** An element by namespace and local name; prefixes mean nothing. Text is that of the element itself, trimmed. */
export interface XmlElement {
  uri: string;
  name: string;
  attributes: { [name: string]: string };
  text: string;
  children: XmlElement[];
}

/** Messages and invoices are some twelve levels deep. */
const MAX_DEPTH = 40;
const MAX_ELEMENTS = 100_000;
const MAX_TEXT = 20_000;
const MAX_ATTRIBUTES = 60;
/** Characters read before the event loop has its turn. */
const CHUNK = 64 * 1_024;

/** What an invoice holds by the thousand and nobody asks for here: its lines, and files carried within it. */
const SKIPPED = new Set([
  'IncludedSupplyChainTradeLineItem',
  'InvoiceLine',
  'CreditNoteLine',
  'AttachmentBinaryObject',
  'EmbeddedDocumentBinaryObject',
]);

/** Namespaces of one family belong together; what stands in another is somebody's extension and is left out. */
const FAMILY = /^(urn:un:unece:uncefact:data:standard:|urn:oasis:names:specification:ubl:schema:xsd:)/;
const familyOf = (uri: string): string => FAMILY.exec(uri)?.[1] ?? uri;

/**
 * Reads an XML document into a small tree. Document types are refused at once, so there are no entities but the five of
 * XML; depth, elements and attributes are bounded; a large file is read a piece at a time.
 *
 * @throws AppError einvoice_unreadable: xml_encoding, xml_doctype, xml_broken, xml_too_deep, xml_too_complex
 */
export async function readXml(bytes: Uint8Array): Promise<XmlElement> {
  // Some write an empty line before the declaration.
  const text = decodeXml(bytes).trimStart();
  const reader = treeReader();
  for (let at = 0; at < text.length; at += CHUNK) {
    reader.write(text.slice(at, at + CHUNK));
    if (at + CHUNK < text.length) await new Promise((resolve) => setImmediate(resolve));
  }
  return reader.end();
}

function treeReader(): { write(text: string): void; end(): XmlElement } {
  const parser = new SaxesParser({ xmlns: true });
  const open: XmlElement[] = [];
  let root: XmlElement | null = null;
  let elements = 0;
  let depth = 0;
  let skippedAt = 0;
  let attributes = 0;
  // What saxes throws by itself is a fault of the file.
  parser.on('error', () => refuseFile('xml_broken'));
  parser.on('doctype', () => refuseFile('xml_doctype'));
  parser.on('opentagstart', () => {
    attributes = 0;
    depth += 1;
    if (depth > MAX_DEPTH) refuseFile('xml_too_deep');
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > MAX_ATTRIBUTES) refuseFile('xml_too_complex');
  });
  parser.on('opentag', (tag) => {
    if (skippedAt > 0) return;
    if (SKIPPED.has(tag.local) || (root !== null && familyOf(tag.uri) !== familyOf(root.uri))) {
      skippedAt = depth;
      return;
    }
    elements += 1;
    if (elements > MAX_ELEMENTS) refuseFile('xml_too_complex');
    const element: XmlElement = { uri: tag.uri, name: tag.local, attributes: {}, text: '', children: [] };
    for (const { local, value, prefix } of Object.values(tag.attributes))
      if (prefix === '' && local !== 'xmlns') element.attributes[local] = value.slice(0, 200);
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const say = (text: string): void => {
    const element = open.at(-1);
    if (skippedAt > 0 || element === undefined || element.text.length >= MAX_TEXT) return;
    element.text += text.slice(0, MAX_TEXT - element.text.length);
  };
  parser.on('text', say);
  parser.on('cdata', say);
  parser.on('closetag', () => {
    depth -= 1;
    if (skippedAt > 0) {
      if (depth < skippedAt) skippedAt = 0;
      return;
    }
    const element = open.pop();
    if (element !== undefined) element.text = element.text.trim();
  });
  return {
    write: (text) => void parser.write(text),
    end() {
      parser.close();
      return root ?? refuseFile('xml_broken');
    },
  };
}

/** Children of that name. */
export function all(element: XmlElement | null | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The first element down a path of names. */
export function at(element: XmlElement | null | undefined, ...path: string[]): XmlElement | null {
  let found: XmlElement | null = element ?? null;
  for (const name of path) found = found?.children.find((child) => child.name === name) ?? null;
  return found;
}

/** Its text; null when it is not there or empty. */
export function textAt(element: XmlElement | null | undefined, ...path: string[]): string | null {
  const text = at(element, ...path)?.text ?? '';
  return text === '' ? null : text;
}
