import { useCallback, useEffect, useState } from "react";
import { differences } from "./diff";
import type { JsonObject } from "./types";

/** What a draft set out from. Version 0: it is stored nowhere. */
export interface Ground {
  document: JsonObject;
  version: number;
}

/** How a document becomes a draft and back. */
export interface Form<Draft> {
  draftOf: (document: JsonObject) => Draft;
  documentOf: (draft: Draft) => JsonObject;
}

export interface Work<Draft> {
  draft: Draft;
  ground: Ground;
  /** The draft as a document. */
  document: JsonObject;
  /** How many settings differ from what is stored. */
  changes: number;
  /** Somebody stored a newer version while this draft was being made. */
  overtaken: boolean;
  change: (made: (before: Draft) => Draft) => void;
  restart: (draft: JsonObject, ground: Ground) => void;
}

interface Kept<Draft> {
  draft: Draft;
  ground: Ground;
}

/** Unfinished drafts while the page is open: looking at another page does not lose one. */
export type Unfinished<Draft> = Map<string, Kept<Draft>>;

/** A draft of the document `name`. It follows what is stored for as long as nothing in it was changed. */
export function useWork<Draft>(name: string, start: Ground, form: Form<Draft>, unfinished: Unfinished<Draft>): Work<Draft> {
  const { draftOf, documentOf } = form;
  const [work, setWork] = useState<Kept<Draft>>(() => unfinished.get(name) ?? { draft: draftOf(start.document), ground: start });
  const document = documentOf(work.draft);
  const changes = differences(work.ground.version === 0 ? null : work.ground.document, document).length;
  const newer = start.version > work.ground.version;

  const restart = useCallback((draft: JsonObject, ground: Ground) => setWork({ draft: draftOf(draft), ground }), [draftOf]);
  const change = useCallback((made: (before: Draft) => Draft) => setWork((before) => ({ ...before, draft: made(before.draft) })), []);

  useEffect(() => {
    if (newer && changes === 0) restart(start.document, start);
  }, [newer, changes, start, restart]);

  useEffect(() => {
    if (changes === 0 || work.ground.version === 0) unfinished.delete(name);
    else unfinished.set(name, work);
  }, [name, work, changes, unfinished]);

  useEffect(() => {
    if (changes === 0) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [changes]);

  return { draft: work.draft, ground: work.ground, document, changes, overtaken: newer && changes > 0, change, restart };
}
