import { get, type Query } from "../../api/client";

export type Format = "csv" | "json";

export interface Wanted {
  what: string;
  account: string;
  fromMs: number;
  toMs: number;
}

interface Page {
  columns: string[];
  rows: Record<string, unknown>[];
  next_cursor: string | null;
}

const PAGE = 2_000;

/** Every page of an export, one after the other, as one file. */
export async function fetchWhole(wanted: Wanted, format: Format, onRows: (rows: number) => void): Promise<{ blob: Blob; rows: number }> {
  const rows: Record<string, unknown>[] = [];
  let columns: string[] = [];
  let cursor: string | null = null;
  do {
    const query: Query = { what: wanted.what, account: wanted.account, from_ms: wanted.fromMs, to_ms: wanted.toMs, limit: PAGE, cursor };
    const page: Page = (await get<Page>("export", query)).data;
    columns = page.columns;
    rows.push(...page.rows);
    cursor = page.next_cursor;
    onRows(rows.length);
  } while (cursor !== null);
  const text = format === "csv" ? csvOf(columns, rows) : `${JSON.stringify({ ...wanted, columns, rows }, null, 1)}\n`;
  return { blob: new Blob([text], { type: format === "csv" ? "text/csv;charset=utf-8" : "application/json" }), rows: rows.length };
}

/** As RFC 4180 and the API's own file write it. A text that a spreadsheet would run is led by an apostrophe, and so is
 * one that begins with an apostrophe itself: whoever takes one away has the text as it was. */
export function csvOf(columns: readonly string[], rows: readonly Record<string, unknown>[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name]))];
  return lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const figure = /^-?\d+(\.\d+)?$/.test(text);
  const safe = !figure && /^[=+\-@\t\r\n'\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
