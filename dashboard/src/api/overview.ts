import { queryOptions, usePrefetchQuery, useQuery, useQueryClient, type QueryClient, type UseQueryResult } from "@tanstack/react-query";
import { setServerTime } from "../words/now";
import { get, type Answered } from "./client";
import type { Problem } from "./problem";
import { useApi } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Me = Schemas["Me"];
export type Overview = Schemas["Overview"];
export type AccountNow = Schemas["AccountNow"];
export type PositionNow = Schemas["PositionNow"];
export type BlockNow = Schemas["BlockNow"];
export type AlertNow = Schemas["AlertNow"];
export type CascadeNow = Schemas["CascadeNow"];
export type VenueNow = Schemas["VenueNow"];
export type WorkerNow = Schemas["WorkerNow"];
export type Happened = Schemas["Happened"];
export type AccountHistory = Schemas["AccountHistory"];
export type PeriodRow = Schemas["PeriodRow"];
export type Changed = Schemas["Changed"];

/** Equity and profit of periods change slowly and cost most: they are asked for again after a minute. */
const HISTORY_MS = 60_000;

export function useMe(): UseQueryResult<Answered<Me>, Problem> {
  return useApi<Me>("me", {}, { staleMs: Infinity });
}

/** The desk's clock as this page knows it, from when the answer was written and how long it took. */
function keepTime(answer: Answered<Overview>): void {
  setServerTime(answer.data.time_ms, answer.atMs - answer.tookMs / 2);
}

function overviewQuery(client: QueryClient) {
  return queryOptions<Answered<Overview>, Problem>({
    queryKey: ["overview"],
    queryFn: async ({ signal }) => {
      const before = client.getQueryData<Answered<Overview>>(["overview"])?.data.history ?? null;
      const kept = before !== null && Date.now() - before.to_ms < HISTORY_MS ? before : null;
      const answer = await get<Overview>("overview", { history: kept === null ? "yes" : "no" }, signal);
      keepTime(answer);
      return { ...answer, data: { ...answer.data, history: answer.data.history ?? kept } };
    },
    staleTime: 5_000,
  });
}

/** One answer for top bar, banner and Overview; `everyMs` while no live events come. */
export function useOverview(everyMs?: number): UseQueryResult<Answered<Overview>, Problem> {
  return useQuery({ ...overviewQuery(useQueryClient()), refetchInterval: everyMs });
}

/** Asks for it before anything shows it: who the visitor is and how the desk is need not wait for each other. */
export function useOverviewAhead(): void {
  usePrefetchQuery(overviewQuery(useQueryClient()));
}
