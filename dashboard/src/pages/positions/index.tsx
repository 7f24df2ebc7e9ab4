import { PageTitle } from "../../ui/PageTitle";

export default function PositionsPage() {
  return <PageTitle>Positions</PageTitle>;
}
