import { Card } from "../../ui/Card";
import { Figure } from "../../ui/Figure";
import { localMoment, utcMoment } from "../../words/times";
import { useNow } from "../../words/now";

/** What the page's figures and times mean. */
export function UnitsCard() {
  const now = useNow();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const apart = -new Date(now).getTimezoneOffset() / 60;
  return (
    <Card title="Units and time" source="the same for everybody">
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(13rem,1fr))] gap-x-4 gap-y-2">
        <Figure label="Desk time (UTC)">{utcMoment(now)}</Figure>
        <Figure label={`Your time, ${zone} (UTC${apart < 0 ? "\u2212" : "+"}${Math.abs(apart)})`}>{localMoment(now).replace(" local time", "")}</Figure>
      </dl>
      <ul className="mt-3 list-disc pl-4 text-dim">
        <li>Times are UTC everywhere; yours stands in the tooltip. A day begins and ends at 00:00 UTC.</li>
        <li>Money is in USDT, shown as dollars. Sizes are notional unless margin is said.</li>
        <li>Percentages of stops and targets are of the price, not of the margin: at leverage 10 a stop of 1% costs 10% of the margin.</li>
        <li>“est.” marks what was computed ahead or from a sample, and is no fact of the venue.</li>
      </ul>
    </Card>
  );
}
