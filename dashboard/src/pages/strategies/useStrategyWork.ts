import { useMemo } from "react";
import type { SettingsSchema } from "../../documents/schema";
import { useWork, type Ground, type Unfinished, type Work } from "../../documents/useWork";
import { documentOf, draftOf, type Draft } from "./draft";

const UNFINISHED: Unfinished<Draft> = new Map();

/** A draft of the strategy `start`. */
export function useStrategyWork(start: Ground, schema: SettingsSchema): Work<Draft> {
  const form = useMemo(() => ({ draftOf, documentOf: (draft: Draft) => documentOf(draft, schema) }), [schema]);
  return useWork(String(start.document["id"]), start, form, UNFINISHED);
}
