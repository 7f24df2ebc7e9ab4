import type { JsonObject } from "../../documents/types";

/** Figures in files are texts or numbers; a browser's own reader would round numbers with a point, so they become texts. */
const POINTED = /(?<=[[:,]\s*)-?\d+\.\d+(?=\s*[,}\]])/g;
const TEXT = /"(?:[^"\\]|\\.)*"/g;

export class NotAStrategy extends Error {}

/** A file as a document. Throws NotAStrategy with what is wrong, in words. */
export function readFileText(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(exactFigures(text));
  } catch (error) {
    throw new NotAStrategy(`The file is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new NotAStrategy("The file holds no JSON object.");
  return value as JsonObject;
}

function exactFigures(text: string): string {
  let made = "";
  let from = 0;
  for (const quoted of text.matchAll(TEXT)) {
    made += text.slice(from, quoted.index).replace(POINTED, '"$&"') + quoted[0];
    from = quoted.index + quoted[0].length;
  }
  return made + text.slice(from).replace(POINTED, '"$&"');
}

export function fileText(document: JsonObject): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

export function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = window.document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
