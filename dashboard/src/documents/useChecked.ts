import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ask, type Answered } from "../api/client";
import type { Problem } from "../api/problem";
import type { Checked, Flaw, JsonObject } from "./types";

const TYPING_MS = 500;
const KEPT_MS = 20_000;
const NONE: readonly never[] = [];

/** `value`, once it has not changed for a moment. */
export function useSettled<T>(value: T, afterMs: number = TYPING_MS): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}

/** How a draft stands with the API. */
export interface Verdict {
  /** The draft as it was last sent. */
  text: string;
  flaws: readonly Flaw[];
  warnings: readonly string[];
  /** The API takes it, as it was last sent. */
  valid: boolean;
  /** What was said is of the draft as it is now. */
  settled: boolean;
  /** Why it could not be asked. */
  failed: string | null;
}

/** What the API says of a document that is stored nowhere. It is asked with POST: a document is too long for an address. */
export function useChecked(path: string, document: JsonObject): Verdict {
  const typed = JSON.stringify(document);
  const text = useSettled(typed);
  const query = useQuery<Answered<Checked>, Problem>({
    queryKey: [path, text],
    queryFn: ({ signal }) => ask<Checked>("POST", path, { body: JSON.parse(text) as JsonObject, signal }),
    placeholderData: keepPreviousData,
    staleTime: KEPT_MS,
  });
  const answer = query.data?.data;
  return {
    text,
    flaws: answer?.flaws ?? NONE,
    warnings: answer?.warnings ?? NONE,
    valid: answer?.valid === true && !query.isPlaceholderData,
    settled: text === typed && !query.isPlaceholderData && !query.isFetching,
    failed: query.isError ? query.error.title : null,
  };
}
