import { useEffect, useState } from "react";
import { useAction } from "../../api/queries";
import type { Problem } from "../../api/problem";
import { outcomeOf, unanswered } from "./trial";
import type { Setup, TestsAsked } from "./types";

const LOOK_MS = 1_500;
/** After that it is worth more to look at the queue than at this page. */
const LONGEST_WAIT_MS = 60_000;

export interface Trial {
  /** A test by the route of that name, or by every route. */
  ask: (route: string | null) => void;
  sending: boolean;
  /** What came of it is not known yet. */
  waiting: boolean;
  /** How often the settings are asked for meanwhile. */
  everyMs: number;
  asked: TestsAsked | null;
  problem: Problem | null;
  told: string;
  end: (told: string) => void;
}

/** Tests of the alert routes: asked for here, sent by a function that may read the addresses. */
export function useTrial(): Trial {
  const [asked, setAsked] = useState<TestsAsked | null>(null);
  const [told, setTold] = useState("");
  const action = useAction<TestsAsked>((answer) => {
    setAsked(answer.data);
    setTold("");
  });
  return {
    ask: (route) => action.mutate({ path: "alerts/test", body: route === null ? {} : { route } }),
    sending: action.isPending,
    waiting: asked !== null,
    everyMs: LOOK_MS,
    asked,
    problem: action.error,
    told,
    end: (words) => {
      setAsked(null);
      setTold(words);
    },
  };
}

/** Ends the trial when the settings tell what came of it, or nobody told for too long. */
export function useOutcome(trial: Trial, found: Setup | undefined): void {
  const { asked, end } = trial;
  useEffect(() => {
    if (asked === null || found === undefined) return;
    const open = unanswered(found.alerts.routes, asked.routes, asked.asked_ms);
    if (open.length === 0) end(outcomeOf(found.alerts.routes, asked.routes));
    else if (found.time_ms - asked.asked_ms > LONGEST_WAIT_MS) end(`Nothing is known of: ${open.join(", ")}. Look for messages that were given up, under Operations.`);
  }, [asked, end, found]);
}
