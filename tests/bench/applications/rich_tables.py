"""Tables, markup and trees laid out for a terminal."""
# install: python3-rich
# import: rich.console rich.table
# args: 30
import io
import sys

from rich.console import Console
from rich.table import Table
from rich.tree import Tree

out = io.StringIO()
console = Console(file=out, width=100, force_terminal=True, color_system="256")
for k in range(int(sys.argv[1])):
    table = Table(title=f"Table {k}", show_lines=k % 2 == 0)
    for heading in "name", "value", "note":
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for n in range(25):
        table.add_row(f"[bold]row {n}[/bold]", str(n * k),
                      "a longer text that [red]wraps[/red] " * (n % 4))
    console.print(table)
    tree = Tree("root")
    for n in range(10):
        tree.add(f"branch {n}").add(f"[green]leaf {n * k}[/green]")
    console.print(tree)
print(len(out.getvalue()))
