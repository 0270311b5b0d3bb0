"""Asks the installed ansible-inventory and ansible what the cases on standard input mean, and prints their answers as JSON."""

import contextlib
import io
import json
import sys

from ansible import context
from ansible.cli.adhoc import AdHocCLI
from ansible.cli.inventory import InventoryCLI
from ansible.errors import AnsibleError
from ansible.inventory.group import Group

# A program has one command line, and Ansible holds on to it.
context.GlobalCLIArgs = context.CLIArgs

# Ansible keeps groups in sets, ordered by their addresses: what order it gives to hosts two levels down is left to chance.
# Two opposite orders tell what is and what isn't.
made = 0
direction = 1
make = Group.__init__


def count(group, name=None):
    global made
    made += 1
    group.number = made
    make(group, name)


Group.__init__ = count
Group.__hash__ = lambda group: group.number if direction > 0 else 2**20 - group.number


def run(cli, *arguments):
    """What a program prints, or None where it fails."""
    global made
    made = 0
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        try:
            cli([str(argument) for argument in arguments]).run()
        except SystemExit as end:
            if end.code != 0:
                return None
        except AnsibleError:
            return None
    return printed.getvalue()


def sources(case):
    return [word for source in case["sources"] for word in ("-i", source)]


def inventory(case):
    common = sources(case) + (["--playbook-dir", case["playbookDir"]] if "playbookDir" in case else [])
    listed = run(InventoryCLI, "ansible-inventory", "--list", *common)
    if listed is None:
        return None
    return {"list": json.loads(listed), "graph": run(InventoryCLI, "ansible-inventory", "--graph", *common).splitlines()}


def hosts(case, pattern, limit):
    printed = run(AdHocCLI, "ansible", "--list-hosts", *sources(case), *(["-l", limit] if limit else []), pattern)
    return None if printed is None else [line.strip() for line in printed.splitlines()[1:]]


def selection(case, pattern, limit):
    global direction
    found = []
    for direction in (1, -1):
        found.append(hosts(case, pattern, limit))
    if found[0] == found[1]:
        return {"hosts": found[0], "ordered": True}
    return {"hosts": sorted(found[0]), "ordered": False}


cases = json.load(sys.stdin)
json.dump(
    {
        "inventories": {name: inventory(case) for name, case in cases["inventories"].items()},
        "selections": [
            selection(cases["inventories"][each["inventory"]], each["pattern"], each.get("limit")) for each in cases["patterns"]
        ],
    },
    sys.stdout,
)
