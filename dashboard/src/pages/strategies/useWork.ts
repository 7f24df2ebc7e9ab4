import { useCallback, useEffect, useState } from "react";
import { differences } from "./diff";
import { documentOf, draftOf, type Draft } from "./draft";
import type { SettingsSchema } from "./schema";
import type { JsonObject } from "./types";

/** What a draft set out from. Version 0: it is stored nowhere. */
export interface Ground {
  document: JsonObject;
  version: number;
}

export interface Work {
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

interface Kept {
  draft: Draft;
  ground: Ground;
}

/** Unfinished drafts, while this page is open: looking at another page does not lose one. */
const kept = new Map<string, Kept>();

/** A draft of the strategy `start`. It follows what is stored for as long as nothing in it was changed. */
export function useWork(start: Ground, schema: SettingsSchema): Work {
  const id = String(start.document["id"]);
  const [work, setWork] = useState<Kept>(() => kept.get(id) ?? { draft: draftOf(start.document), ground: start });
  const document = documentOf(work.draft, schema);
  const changes = differences(work.ground.version === 0 ? null : work.ground.document, document).length;
  const newer = start.version > work.ground.version;

  const restart = useCallback((draft: JsonObject, ground: Ground) => setWork({ draft: draftOf(draft), ground }), []);
  const change = useCallback((made: (before: Draft) => Draft) => setWork((before) => ({ ...before, draft: made(before.draft) })), []);

  useEffect(() => {
    if (newer && changes === 0) restart(start.document, start);
  }, [newer, changes, start, restart]);

  useEffect(() => {
    if (changes === 0 || work.ground.version === 0) kept.delete(id);
    else kept.set(id, work);
  }, [id, work, changes]);

  useEffect(() => {
    if (changes === 0) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [changes]);

  return { draft: work.draft, ground: work.ground, document, changes, overtaken: newer && changes > 0, change, restart };
}
