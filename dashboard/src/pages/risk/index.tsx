import { PageTitle } from "../../ui/PageTitle";

export default function RiskPage() {
  return <PageTitle>Risk</PageTitle>;
}
