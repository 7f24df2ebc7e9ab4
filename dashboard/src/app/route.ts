import { useSyncExternalStore } from "react";

/** A place in the page, kept behind the hash: `#/positions/BTCUSDT?account=main`. */
export interface Route {
  page: string;
  /** What follows the page, decoded. */
  parts: readonly string[];
  query: URLSearchParams;
}

function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [page = "", ...parts] = path.split("/").map(decoded);
  return { page, parts: parts.filter((part) => part !== ""), query: new URLSearchParams(query) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function linkTo(page: string, parts: readonly string[] = [], query: Readonly<Record<string, string>> = {}): string {
  const path = [page, ...parts.map(encodeURIComponent)].join("/");
  const asked = new URLSearchParams(query).toString();
  return `#/${path}${asked === "" ? "" : `?${asked}`}`;
}

export function goTo(link: string): void {
  location.hash = link;
}

/** Puts filters into the address without a step in the browser's history. */
export function replaceWith(link: string): void {
  history.replaceState(null, "", link);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

function subscribe(reader: () => void): () => void {
  window.addEventListener("hashchange", reader);
  return () => window.removeEventListener("hashchange", reader);
}

let seenHash: string | undefined;
let seenRoute: Route = routeOf("");

function currentRoute(): Route {
  if (location.hash !== seenHash) {
    seenHash = location.hash;
    seenRoute = routeOf(seenHash);
  }
  return seenRoute;
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, currentRoute);
}
