"""`undertow strategy`: files in, documents out. A file is checked as a whole before anything is stored."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Final

from undertow.commands.terminal import CommandFailed, Exit, Terminal, file_text, moment, table
from undertow.domain.account import Mode
from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.json_text import Json, read_object, write_json
from undertow.ports import CheckedDocument, Document
from undertow.services.configure import Changed
from undertow.services.console import Operator
from undertow.services.strategy_changes import difference

_DONE: Final = {"strategy:apply": "applied", "strategy:restore": "restored", "strategy:remove": "removed"}


def pretty(text: str) -> str:
    return write_json(read_object(text), indent=2)


def show_changes(before: str, after: str) -> str:
    """How a file differs from what is stored; empty where it does not."""
    return difference(before, after, ("stored", "file"))


def apply(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Store the file: a strategy that is new, or the next version of one that is there."""
    text = file_text(args.file)
    checked = operator.console.sources.documents.check_strategy(text)
    before = operator.console.sources.documents.strategy(StrategyId(checked.name))
    _store(operator, terminal, text, checked, before)


def import_(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Store an exported file as a strategy that must not be there yet."""
    text = file_text(args.file)
    if args.name is not None:
        text = write_json({**read_object(text), "id": args.name})
    checked = operator.console.sources.documents.check_strategy(text)
    if operator.console.sources.documents.strategy(StrategyId(checked.name)) is not None:
        raise CommandFailed(
            Exit.CHANGED_MEANWHILE,
            f"strategy {checked.name} is there already: `strategy apply` changes it, `import --as NAME` copies it",
        )
    _store(operator, terminal, text, checked, None)


def _store(
    operator: Operator, terminal: Terminal, text: str, checked: CheckedDocument, before: Document | None
) -> None:
    """``text`` as it was given: what was filled in is told from that, not from its checked form."""
    if before is not None and before.text == checked.text:
        terminal.tell(f"{checked.name} is at version {before.version} already, nothing changed")
        return
    _confirm_live(operator, terminal, checked.name, checked.text)
    changed = operator.console.configure.apply(
        text, 0 if before is None else before.version, f"terminal {terminal.user}"
    )
    _tell(terminal, changed, "changed" if before is not None else "created")


def _tell(terminal: Terminal, changed: Changed, verb: str) -> None:
    terminal.tell(_summary(changed, verb))
    for warning in changed.warnings:
        terminal.warn(f"warning: {warning}")


def _confirm_live(operator: Operator, terminal: Terminal, name: str, text: str) -> None:
    """Who sits at the terminal says the account's name before a strategy of a live account changes."""
    account = AccountId(str(read_object(text)["account"]))
    configured = operator.console.sources.params.current().globals.accounts.get(account)
    if configured is None or configured.mode is not Mode.LIVE or not terminal.interactive:
        return
    answer = terminal.ask(f"{name} trades real money on {account}. Type the account's name to go on: ")
    if answer.strip() != account:
        raise CommandFailed(Exit.FAILED, "not confirmed, nothing changed")


def _summary(changed: Changed, verb: str) -> str:
    fields = read_object(changed.document.text)
    symbols = fields["symbols"]
    count = len(symbols) if isinstance(symbols, Mapping) else 0
    return (
        f"{verb} {changed.document.name}: version {changed.document.version}, {count} symbols on "
        f"{fields['account']}; in force within 30 s"
    )


def list_(operator: Operator, _args: Namespace, terminal: Terminal) -> None:
    documents = operator.console.sources.documents.strategies()
    if not documents:
        terminal.tell("no strategy is stored: create one with `undertow strategy apply FILE`")
        return
    rows = []
    for document in documents:
        fields = read_object(document.text)
        symbols = fields["symbols"]
        rows.append(
            (
                document.name,
                str(fields["kind"]),
                str(fields["account"]),
                "on" if fields["enabled"] else "off",
                str(len(symbols)) if isinstance(symbols, Mapping) else "",
                str(document.version),
            )
        )
    terminal.tell(table(("name", "kind", "account", "state", "symbols", "version"), rows))


def show(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """What the strategy comes to for each symbol, the base laid under the symbol's own settings."""
    document = _stored(operator, args.id)
    fields = read_object(document.text)
    base, symbols = _mapping(fields["base"]), _mapping(fields["symbols"])
    state = "on" if fields["enabled"] else "off"
    terminal.tell(f"{document.name}: {fields['kind']} on {fields['account']}, {state}, version {document.version}")
    terminal.tell("\nbase")
    terminal.tell(_settings(base))
    for symbol, own in symbols.items():
        terminal.tell(f"\n{symbol}" + ("" if own else ": as the base"))
        if own:
            terminal.tell(_settings(_mapping(own)))
    terminal.tell("\nWhat is not listed is at its default: `undertow params describe`.")


def _settings(settings: Mapping[str, Json]) -> str:
    return "\n".join(
        f"  {name:<28} {value if isinstance(value, str) else write_json(value)}" for name, value in settings.items()
    )


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def diff(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    checked = operator.console.sources.documents.check_strategy(file_text(args.file))
    before = operator.console.sources.documents.strategy(StrategyId(checked.name))
    changes = show_changes("" if before is None else before.text, checked.text)
    terminal.tell(changes or f"{checked.name}: the file is what is stored")
    for warning in checked.warnings:
        terminal.warn(f"warning: {warning}")


def export(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """The strategy as a file that `apply` and `import` take."""
    terminal.tell(pretty(_stored(operator, args.id).text))


def changes(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Every version with who put it in force, when, and the lines it changed; newest first."""
    if args.last is not None and args.last < 1:
        raise CommandFailed(Exit.REFUSED, f"last: {args.last}; allowed: a whole number from 1")
    for change in operator.console.configure.changes(StrategyId(args.id))[: args.last]:
        terminal.tell(f"version {change.version}, {moment(change.time_ms)}, {change.by}: {_DONE[change.action]}")
        lines = change.difference.splitlines()[2:]
        terminal.tell("\n".join(f"    {line}" for line in lines) if lines else "    nothing in it differs")


def restore(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    """Put an earlier version in force again, as a new version. One that was removed comes back."""
    configure, strategy = operator.console.configure, StrategyId(args.id)
    found = next((change for change in configure.changes(strategy) if change.version == args.version), None)
    before = operator.console.sources.documents.strategy(strategy)
    if found is not None and before is not None and found.after == before.text:
        terminal.tell(f"{strategy} at version {before.version} is what version {args.version} was, nothing changed")
        return
    if found is not None and found.after:
        _confirm_live(operator, terminal, strategy, found.after)
    changed = configure.restore(
        strategy, args.version, 0 if before is None else before.version, f"terminal {terminal.user}"
    )
    _tell(terminal, changed, f"restored version {args.version} of")


def remove(operator: Operator, args: Namespace, terminal: Terminal) -> None:
    document = _stored(operator, args.id)
    if not args.yes:
        if not terminal.interactive:
            raise CommandFailed(Exit.FAILED, "removing asks for confirmation: add --yes")
        answer = terminal.ask(f"Type the strategy's name to remove it from trading ({document.name}): ")
        if answer.strip() != document.name:
            raise CommandFailed(Exit.FAILED, "not confirmed, nothing changed")
    operator.console.configure.remove(StrategyId(document.name), document.version, f"terminal {terminal.user}")
    terminal.tell(
        f"removed {document.name}: it opens nothing more within 30 s; its positions stay managed. "
        "Its content is on record in the audit and its parameters are kept."
    )


def _stored(operator: Operator, name: str) -> Document:
    document = operator.console.sources.documents.strategy(StrategyId(name))
    if document is None:
        known = ", ".join(found.name for found in operator.console.sources.documents.strategies())
        raise CommandFailed(
            Exit.NOT_THERE,
            f"there is no strategy {name}; there are: {known or 'none'}. `undertow strategy apply FILE` creates one",
        )
    return document
