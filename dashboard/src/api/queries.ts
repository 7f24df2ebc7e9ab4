import {
  QueryClient,
  keepPreviousData,
  useMutation,
  useQuery,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { ask, get, type Answered, type Asked, type Method, type Query } from "./client";
import { Problem } from "./problem";

/** What failed for a passing reason may be asked again; what was refused is not. */
function worthAnotherTry(failures: number, error: unknown): boolean {
  const passing = error instanceof Problem && (error.status === 0 || error.status === 429 || error.status >= 500);
  return passing && failures < 3;
}

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        gcTime: 5 * 60_000,
        retry: worthAnotherTry,
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 8_000) * (0.5 + Math.random() / 2),
        refetchOnWindowFocus: true,
        refetchIntervalInBackground: false,
      },
      mutations: { retry: false },
    },
  });
}

export interface Reading {
  enabled?: boolean;
  /** Ask again after so many ms while the page can be seen. Most cards need none: live events refresh them. */
  everyMs?: number;
  staleMs?: number;
  /** Keep showing the answer to the last question until the new one is there (filters, paging). */
  keep?: boolean;
}

/** One GET, cached under its path and query. `live/refresh.ts` knows which live events make which path old. */
export function useApi<T>(path: string, query: Query = {}, reading: Reading = {}): UseQueryResult<Answered<T>, Problem> {
  return useQuery<Answered<T>, Problem>({
    queryKey: [path, query],
    queryFn: ({ signal }) => get<T>(path, query, signal),
    enabled: reading.enabled,
    refetchInterval: reading.everyMs,
    ...(reading.staleMs === undefined ? {} : { staleTime: reading.staleMs }),
    ...(reading.keep ? { placeholderData: keepPreviousData } : {}),
  });
}

export interface Action extends Asked {
  method?: Method;
  path: string;
}

/** An action of a person. Give `key` when the same press may be sent twice, e.g. after `confirmation_needed`. */
export function useAction<T>(onDone?: (answer: Answered<T>) => void): UseMutationResult<Answered<T>, Problem, Action> {
  return useMutation<Answered<T>, Problem, Action>({
    mutationFn: ({ method = "POST", path, ...asked }) => ask<T>(method, path, asked),
    onSuccess: (answer) => onDone?.(answer),
  });
}
