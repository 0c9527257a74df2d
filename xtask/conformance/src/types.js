// The library's TypeScript types as the schema of what the sandbox says.
//
// Each sample becomes `const sample: Stripe.Some.Type = {…}`. In a literal, TypeScript refuses a field that the type
// does not know, at every depth, as well as one that it requires and that is missing.

import path from 'node:path';

import ts from 'typescript';

import { absentFields } from './present.js';

/** Where the type is not called as the object is. */
const NAMES = {
  list: 'Stripe.ApiList<never>',
  error: 'Stripe.StripeRawError',
  item: 'Stripe.LineItem',
  line_item: 'Stripe.InvoiceLineItem',
  invoiceitem: 'Stripe.InvoiceItem',
};

const HEADER = `import Stripe from 'stripe';
type EventOf<T extends Stripe.Event['type']> = Extract<Stripe.Event, { type: T }>;
declare const decimal: Stripe.Decimal;
`;

const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
};

/** The type of a sample, as TypeScript writes it; a changed copy keeps the `type` of its original. */
export function typeOf({ kind, value, type }) {
  if (type) return type;
  if (kind === 'event') return `EventOf<${JSON.stringify(value.type)}>`;
  if (NAMES[kind]) return NAMES[kind];
  const name = (words) =>
    words
      .split('_')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join('');
  const [, deleted, object] = kind.match(/^(deleted )?(.*)$/);
  const segments = object.split('.').map(name);
  segments.push((deleted ? 'Deleted' : '') + segments.pop());
  return ['Stripe', ...segments].join('.');
}

/** What the compiler says about each sample: a list of messages, empty where it agrees. */
export function typeErrors(samples) {
  const { source, starts } = write(samples);
  const { diagnostics } = compile(source);
  const errors = samples.map(() => []);
  for (const { start, messageText } of diagnostics) {
    const index = starts.findLastIndex((each) => each <= (start ?? 0));
    if (index < 0) throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    errors[index].push(lastLine(messageText));
  }
  for (const [index, { value }] of samples.entries()) errors[index].push(...absentFields(value));
  return errors;
}

/** Looks up a field, `items.data[].price`, in one of these types: `required`, `optional` or `unknown`. */
export function fieldLookup(types) {
  const { program, file } = compile(
    HEADER + types.map((type, index) => `declare const it${index}: ${type};\n`).join(''),
  );
  const checker = program.getTypeChecker();
  const declared = file.statements.slice(-types.length).map((each) => each.declarationList.declarations[0]);
  const find = (type, [key, ...rest]) => {
    if (key === '[]') return find(checker.getIndexTypeOfType(type, ts.IndexKind.Number), rest);
    const parts = type.isUnion() ? type.types : [type];
    const found = parts
      .map((part) => part.flags & ts.TypeFlags.Object && checker.getPropertyOfType(part, key))
      .find(Boolean);
    if (!found) return 'unknown';
    if (rest.length > 0) return find(checker.getNonNullableType(checker.getTypeOfSymbol(found)), rest);
    return found.flags & ts.SymbolFlags.Optional ? 'optional' : 'required';
  };
  return (type, field) =>
    find(checker.getTypeAtLocation(declared[types.indexOf(type)]), field.replaceAll('[]', '.[]').split('.'));
}

function write(samples) {
  let source = HEADER;
  const starts = [];
  for (const [index, sample] of samples.entries()) {
    starts.push(source.length);
    source += `export const sample${index}: ${typeOf(sample)} = ${literal(sample.value)};\n`;
  }
  return { source, starts };
}

/**
 * JSON as a TypeScript literal. The types call `…_decimal` fields `Decimal`, because the library makes that of the
 * text which the API sends; so the text stands for a value of that type here.
 */
function literal(value) {
  return JSON.stringify(value, withoutAbsentMetadata, 1).replace(/("\w+_decimal"): "[-0-9.]+"/g, '$1: decimal');
}

/** In `previous_attributes`, Stripe writes `null` for a metadata key that was not there; the types know only texts. */
function withoutAbsentMetadata(key, value) {
  if (key !== 'previous_attributes' || !value?.metadata) return value;
  const before = Object.entries(value.metadata).filter(([, held]) => held !== null);
  return { ...value, metadata: Object.fromEntries(before) };
}

/** Checks one file that exists in memory only, beside the packages. */
function compile(source) {
  const name = path.resolve('samples.ts');
  const host = ts.createCompilerHost(OPTIONS);
  const readFromDisk = host.getSourceFile;
  const file = ts.createSourceFile(name, source, OPTIONS.target, true);
  host.getSourceFile = (asked, ...rest) => (asked === name ? file : readFromDisk(asked, ...rest));
  const existsOnDisk = host.fileExists;
  host.fileExists = (asked) => asked === name || existsOnDisk(asked);
  const program = ts.createProgram([name], OPTIONS, host);
  const missing = program.getGlobalDiagnostics();
  if (missing.length > 0) throw new Error(ts.flattenDiagnosticMessageText(missing[0].messageText, '\n'));
  const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  return { program, file, diagnostics };
}

/** Of the chain of messages, from the whole to the part, the last one says what is wrong. */
function lastLine(messageText) {
  return ts.flattenDiagnosticMessageText(messageText, '\n').trim().split('\n').at(-1).trim();
}
