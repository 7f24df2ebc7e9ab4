import type { Problem } from "../api/problem";
import { CheckField } from "../ui/Field";
import { growthsIn } from "./growths";

export function Warnings({ warnings }: { warnings: readonly string[] }) {
  return (
    <div role="status" className="rounded bg-warning-soft px-3 py-2">
      <p className="font-medium text-warning">Admissible, and probably not meant:</p>
      <ul className="list-disc pl-4">
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </div>
  );
}

interface GrowthsProps {
  problem: Problem;
  confirmed: boolean;
  onConfirmed: (confirmed: boolean) => void;
}

/** Which settings let more be lost, and a tick that says so. */
export function Growths({ problem, confirmed, onConfirmed }: GrowthsProps) {
  const rows = growthsIn(problem);
  return (
    <div role="alert" className="flex flex-col gap-2 rounded border border-danger bg-danger-soft px-3 py-2">
      <p className="font-medium text-danger">More could be lost than now. Nothing was changed yet.</p>
      <ul className="list-disc pl-4">
        {rows.map((row) => (
          <li key={row.field}>
            <span className="figure">{row.field}</span>: from {row.before} to {row.after}
          </li>
        ))}
      </ul>
      <CheckField label="I know that more can be lost with this" checked={confirmed} onChange={onConfirmed} />
    </div>
  );
}

export function Refusal({ problem }: { problem: Problem }) {
  return (
    <div role="alert" className="rounded border border-danger bg-danger-soft px-3 py-2">
      <p className="font-medium text-danger">
        {problem.title}. {problem.detail}
      </p>
      {problem.flaws.length > 0 && (
        <ul className="list-disc pl-4">
          {problem.flaws.map((flaw) => (
            <li key={`${flaw.field} ${flaw.value}`}>
              <span className="figure">{flaw.field}</span>: {flaw.value}; allowed: {flaw.allowed}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
