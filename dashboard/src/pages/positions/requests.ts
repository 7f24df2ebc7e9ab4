import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { newKey, type Answered } from "../../api/client";
import type { Problem } from "../../api/problem";
import { useAction, useApi } from "../../api/queries";
import type { Position, PositionRequest, RequestAnswer, RequestsAnswer } from "./types";

const WHILE_WAITING_MS = 1_000;
const OTHERWISE_MS = 20_000;

/** Requests of the last day, newest first; asked for every second while one of them has not ended. */
export function useRequests(awaited: string | null = null) {
  const [waiting, setWaiting] = useState(false);
  const query = useApi<RequestsAnswer>("requests", {}, { everyMs: waiting || awaited !== null ? WHILE_WAITING_MS : OTHERWISE_MS, staleMs: 500, keep: true });
  const unfinished = (query.data?.data.requests ?? []).some((one) => one.state === "asked");
  if (unfinished !== waiting) setWaiting(unfinished);
  return query;
}

export type ActionName = "close" | "stop" | "break-even" | "layers";

export interface Asking {
  send: (action: ActionName, wish: Readonly<Record<string, unknown>>) => void;
  /** As the API took it down, then as it stands by now. */
  request: PositionRequest | null;
  problem: Problem | null;
  sending: boolean;
  /** Back to the form, to ask for something else. */
  again: () => void;
}

/** One request about one position. The same wish is sent under the same key, however often the button is pressed. */
export function useAsking(position: Position): Asking {
  const client = useQueryClient();
  const [asked, setAsked] = useState<PositionRequest | null>(null);
  const [sent, setSent] = useState<{ wish: string; key: string } | null>(null);
  const followed = useRequests(asked?.id ?? null);
  const action = useAction<RequestAnswer>((answer: Answered<RequestAnswer>) => {
    setAsked(answer.data.request);
    void client.invalidateQueries({ queryKey: ["requests"] });
  });
  const latest = followed.data?.data.requests.find((one) => one.id === asked?.id) ?? asked;
  return {
    send: (name, wish) => {
      const text = JSON.stringify([name, wish]);
      const key = sent?.wish === text ? sent.key : newKey();
      setSent({ wish: text, key });
      const { account, symbol, side, id } = position;
      action.mutate({ path: `positions/${name}`, key, body: { account, symbol, side, position: id, ...wish } });
    },
    request: latest,
    problem: action.error,
    sending: action.isPending,
    again: () => {
      setAsked(null);
      setSent(null);
      action.reset();
    },
  };
}
