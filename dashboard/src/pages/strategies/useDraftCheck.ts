import { useEffect, useState } from "react";
import { useQuery, keepPreviousData, type UseQueryResult } from "@tanstack/react-query";
import { ask, type Answered } from "../../api/client";
import type { Problem } from "../../api/problem";
import type { Checked, JsonObject, Preview } from "./types";

const TYPING_MS = 500;
export const PRICES_MS = 20_000;

/** `value`, once it has not changed for a moment. */
export function useSettled<T>(value: T, afterMs: number = TYPING_MS): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}

/** What the API says of a document that is stored nowhere. Both ask with POST, because a document is too long for an address. */
export function useChecked(text: string): UseQueryResult<Answered<Checked>, Problem> {
  return useQuery<Answered<Checked>, Problem>({
    queryKey: ["strategies/validate", text],
    queryFn: ({ signal }) => ask<Checked>("POST", "strategies/validate", { body: JSON.parse(text) as JsonObject, signal }),
    placeholderData: keepPreviousData,
    staleTime: PRICES_MS,
  });
}

export function usePreview(text: string, symbol: string, side: string, enabled: boolean): UseQueryResult<Answered<Preview>, Problem> {
  return useQuery<Answered<Preview>, Problem>({
    queryKey: ["strategies/preview", text, symbol, side],
    queryFn: ({ signal }) =>
      ask<Preview>("POST", "strategies/preview", { body: { document: JSON.parse(text) as JsonObject, symbol, side }, signal }),
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: PRICES_MS,
    staleTime: PRICES_MS,
  });
}
