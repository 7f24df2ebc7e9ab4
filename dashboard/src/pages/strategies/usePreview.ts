import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { ask, type Answered } from "../../api/client";
import type { Problem } from "../../api/problem";
import type { JsonObject } from "../../documents/types";
import type { Preview } from "./types";

export const PRICES_MS = 20_000;

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
