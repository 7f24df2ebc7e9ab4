import { Problem, problemFrom, unreachable } from "./problem";
import { currentToken, signOut } from "./session";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type QueryValue = string | number | boolean | null | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

export interface Asked {
  query?: Query;
  body?: unknown;
  /** The version that was looked at, as the API gave it in `ETag`. */
  ifMatch?: string;
  /** The same key with the same body is one action, however often it is sent. Actions get a new one unless given. */
  key?: string;
  signal?: AbortSignal;
}

export interface Answered<T> {
  data: T;
  etag: string | null;
  /** When it was here, by this browser's clock, and how long it took. */
  atMs: number;
  tookMs: number;
}

const LONGEST_WAIT_MS = 20_000;

/** The API stands beside this page, whatever path the stage has. */
export function apiAddress(path: string, query: Query = {}): URL {
  const address = new URL(`api/${path.replace(/^\/?(api\/)?/, "")}`, new URL(".", location.href.split("#")[0]));
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") address.searchParams.set(name, String(value));
  }
  return address;
}

export function newKey(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

function headersOf(method: Method, asked: Asked): Headers {
  const headers = new Headers({ Accept: "application/json" });
  const token = currentToken();
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  if (asked.body !== undefined) headers.set("Content-Type", "application/json");
  if (asked.ifMatch !== undefined) headers.set("If-Match", asked.ifMatch);
  if (method !== "GET") headers.set("Idempotency-Key", asked.key ?? newKey());
  return headers;
}

async function send(method: Method, path: string, asked: Asked): Promise<Response> {
  const limit = AbortSignal.timeout(LONGEST_WAIT_MS);
  try {
    return await fetch(apiAddress(path, asked.query), {
      method,
      headers: headersOf(method, asked),
      body: asked.body === undefined ? undefined : JSON.stringify(asked.body),
      signal: asked.signal === undefined ? limit : AbortSignal.any([asked.signal, limit]),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
  } catch (error) {
    if (asked.signal?.aborted) throw error;
    throw unreachable(error);
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Problem(response.status, "unreadable", "The API's answer cannot be read", text.slice(0, 200));
  }
}

/** Asks the API. Throws `Problem` for every answer that is no success; 401 ends the session. */
export async function ask<T>(method: Method, path: string, asked: Asked = {}): Promise<Answered<T>> {
  const askedMs = Date.now();
  const response = await send(method, path, asked);
  const body = await bodyOf(response);
  if (!response.ok) {
    const problem = problemFrom(response.status, body);
    if (response.status === 401) signOut("The token is not accepted any more: it is wrong, expired or revoked.");
    throw problem;
  }
  // The API's contract is the type; its document is what the types are made from.
  return { data: body as T, etag: response.headers.get("ETag"), atMs: Date.now(), tookMs: Date.now() - askedMs };
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<Answered<T>> =>
  ask<T>("GET", path, { query, signal });

/** A file, for "save as": its text and the name the API gave it. */
export async function download(path: string, query: Query = {}): Promise<{ blob: Blob; name: string }> {
  const response = await send("GET", path, { query });
  if (!response.ok) throw problemFrom(response.status, await bodyOf(response));
  const named = /filename="?([^";]+)"?/.exec(response.headers.get("Content-Disposition") ?? "");
  return { blob: await response.blob(), name: named?.[1] ?? "undertow.txt" };
}
