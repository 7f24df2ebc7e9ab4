import type { ReactNode } from "react";
import type { AccountNow, AlertNow, Overview } from "../../api/overview";
import { linkTo } from "../../app/route";
import { Age } from "../../ui/Age";
import { Card, type CardState } from "../../ui/Card";
import { Chip, type ChipTone } from "../../ui/Chip";
import { duration } from "../../words/times";

const SILENT_MS = 10_000;
const LATE_PROOF_MS = 3 * 60_000;
const TONE: Readonly<Record<AlertNow["level"], ChipTone>> = { critical: "alarm", high: "warning", info: "plain" };

/** Whether everything runs, and what somebody should look at. */
export function HealthCard({ overview, account, state }: { overview: Overview | undefined; account: AccountNow | undefined; state: CardState }) {
  return (
    <Card
      title="Health"
      source="workers, reconciliation, alerts"
      atMs={overview?.time_ms}
      periodMs={30_000}
      state={state}
      actions={
        <a href={linkTo("operations")} className="text-xs text-dim underline decoration-dotted hover:text-text">
          Operations
        </a>
      }
    >
      {overview !== undefined && (
        <div className="flex flex-col gap-3">
          <ul className="grid grid-cols-[auto_1fr] gap-x-2 gap-y-1">
            {overview.workers.map((worker) => (
              <Line key={worker.worker} good={!worker.late && (worker.market_age_ms ?? Infinity) < SILENT_MS} name="Market stream">
                {worker.market_age_ms === null ? "nothing heard" : duration(worker.market_age_ms)}
                <span className="text-faint">
                  {" "}
                  · account {worker.user_age_ms === null ? "none" : duration(worker.user_age_ms)} · {worker.reconnects} reconnects
                  {worker.window_covered ? "" : " · window not yet covered"}
                </span>
              </Line>
            ))}
            {overview.workers.length === 0 && (
              <Line good={false} name="Market stream">
                no worker has ever reported
              </Line>
            )}
            {account !== undefined && <AccountLines account={account} nowMs={overview.time_ms} />}
            <Line good={overview.parameters_age_ms < 120_000} name="Parameters">
              read {duration(overview.parameters_age_ms)} ago
            </Line>
          </ul>
          <Alerts alerts={overview.alerts} />
        </div>
      )}
    </Card>
  );
}

function AccountLines({ account, nowMs }: { account: AccountNow; nowMs: number }) {
  const proven = account.reconciled_ms !== null && nowMs - account.reconciled_ms < LATE_PROOF_MS;
  return (
    <>
      {account.mode !== "simulate" && (
        <Line good={proven} name="Reconciled">
          {account.reconciled_ms === null ? "ledger and venue are not proven equal" : <Age atMs={account.reconciled_ms} />}
        </Line>
      )}
      <Line good={account.unconfirmed === 0} name="Unknown orders">
        {account.unconfirmed === 0 ? "none" : `${account.unconfirmed} without an answer`}
      </Line>
      <Line good={account.venue_blocked_until_ms === null} name="Venue">
        {account.venue_blocked_until_ms === null ? "takes our calls" : account.venue_reason}
      </Line>
    </>
  );
}

function Line({ good, name, children }: { good: boolean; name: string; children: ReactNode }) {
  return (
    <li className="contents">
      <span className={good ? "text-profit" : "text-danger"}>
        <span aria-hidden>{good ? "●" : "■"}</span>
        <span className="sr-only">{good ? "good" : "not good"}</span>
      </span>
      <span className="flex min-w-0 justify-between gap-3">
        <span className="text-dim">{name}</span>
        <span className="min-w-0 text-right">{children}</span>
      </span>
    </li>
  );
}

function Alerts({ alerts }: { alerts: readonly AlertNow[] }) {
  if (alerts.length === 0) return <p className="text-dim">No open alerts.</p>;
  return (
    <ul className="flex flex-col gap-1.5 border-t border-line pt-2">
      {alerts.map((alert) => (
        <li key={`${alert.key} ${alert.episode}`} className="flex items-baseline gap-2">
          <Chip tone={TONE[alert.level]}>{alert.level}</Chip>
          <span className="min-w-0 flex-1 break-words">
            {alert.message} <span className="text-faint">{subjectOf(alert.key)}</span>
          </span>
          <span className="shrink-0">
            <Age atMs={alert.last_ms} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The key names the condition first, then what it is about. */
function subjectOf(key: string): string {
  return key.split("#").slice(1).join(" ");
}
