import { useSyncExternalStore } from "react";

/**
 * The access token: in memory and in this tab's session storage, never in a cookie, never in an address that a server
 * sees. An address may bring one behind `#token=`, which no browser sends; it is taken out of the address bar at once.
 */
const PLACE = "undertow.token";
const BROUGHT = /^#\/?token=([^&]+)(?:&(.*))?$/;

let token: string | null = taken() ?? sessionStorage.getItem(PLACE);
let refusal: string | null = null;
const readers = new Set<() => void>();

function taken(): string | null {
  const found = BROUGHT.exec(location.hash);
  if (found?.[1] === undefined) return null;
  history.replaceState(null, "", `${location.pathname}${location.search}#/`);
  const brought = decodeURIComponent(found[1]);
  sessionStorage.setItem(PLACE, brought);
  return brought;
}

function changed(): void {
  for (const reader of readers) reader();
}

export function currentToken(): string | null {
  return token;
}

/** Why the reader was sent back to the entrance, if so. */
export function lastRefusal(): string | null {
  return refusal;
}

export function signIn(given: string): void {
  token = given.trim();
  refusal = null;
  sessionStorage.setItem(PLACE, token);
  changed();
}

export function signOut(reason: string | null = null): void {
  token = null;
  refusal = reason;
  sessionStorage.removeItem(PLACE);
  changed();
}

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  return () => readers.delete(reader);
}

export function useToken(): string | null {
  return useSyncExternalStore(subscribe, currentToken);
}
