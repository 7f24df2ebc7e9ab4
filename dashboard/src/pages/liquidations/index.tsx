import { PageTitle } from "../../ui/PageTitle";

export default function LiquidationsPage() {
  return <PageTitle>Liquidations</PageTitle>;
}
