"""Which packages hold this Debian system together?

Reads a dpkg status file, builds the dependency graph of the installed
packages and prints a report: the packages most depended upon (PageRank),
the same as seen from the essential set and from each priority and section,
the packages that lean on most of the system (PageRank of the reverse graph),
dependency cycles, the depth of the dependency chains, the weight of each
package with all it pulls in, packages alike in what they stand on, packages
on which most others rest, and relations that the installed versions do not
satisfy.

Usage: debgraph.py [STATUS_FILE] [--top N]
"""

import sys

STATUS_FILE = "/var/lib/dpkg/status"
DAMPING = 0.85
TOLERANCE = 1e-13
MAX_ROUNDS = 1000
LEAVES = 16

# How strongly each field ties a package to what it names.
FIELDS = (("Pre-Depends", 1.0), ("Depends", 1.0), ("Recommends", 0.25))


class Relation:
    """One alternative of a dependency: name, optional operator and version."""

    def __init__(self, name, arch, operator, version):
        self.name = name
        self.arch = arch
        self.operator = operator
        self.version = version

    def __str__(self):
        text = self.name
        if self.arch:
            text += ":" + self.arch
        if self.operator:
            text += f" ({self.operator} {self.version})"
        return text


class Package:
    """One installed package."""

    def __init__(self, fields):
        self.name = fields["Package"]
        self.version = fields.get("Version", "0")
        self.section = fields.get("Section", "unknown")
        self.priority = fields.get("Priority", "optional")
        self.essential = fields.get("Essential") == "yes"
        self.size = int(fields.get("Installed-Size", "0"))
        self.provides = parse_relations(fields.get("Provides", ""))
        self.relations = []
        for field, weight in FIELDS:
            for group in parse_relations(fields.get(field, "")):
                self.relations.append((field, weight, group))


# --- reading ---------------------------------------------------------------

def read_stanzas(lines):
    """Yield each stanza as a dict; folded lines are joined by newlines."""
    fields = {}
    name = None
    for line in lines:
        line = line.rstrip("\n")
        if not line:
            if fields:
                yield fields
            fields = {}
            name = None
        elif line[0] == " " or line[0] == "\t":
            if name is not None:
                fields[name] += "\n" + line[1:]
        else:
            name, colon, value = line.partition(":")
            if not colon:
                raise ValueError(f"not a field: {line!r}")
            fields[name] = value.strip()
    if fields:
        yield fields


def parse_relation(text):
    """Parse one alternative, such as 'libc6:any (>= 2.36) [amd64]'."""
    operator = version = ""
    end = len(text)
    start = text.find("(")
    if start >= 0:
        close = text.find(")", start)
        constraint = text[start + 1:close].strip()
        i = 0
        while i < len(constraint) and constraint[i] in "<>=":
            i += 1
        operator = constraint[:i]
        version = constraint[i:].strip()
        end = start
    for opening in "[<":
        at = text.find(opening, 0, end)
        if at >= 0:
            end = at
    name, _, arch = text[:end].strip().partition(":")
    return Relation(name, arch, operator, version)


def parse_relations(text):
    """Parse a dependency field into a list of groups of alternatives."""
    groups = []
    for part in text.split(","):
        part = part.strip()
        if part:
            groups.append([parse_relation(alternative.strip())
                           for alternative in part.split("|")])
    return groups


def read_packages(path):
    packages = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for fields in read_stanzas(file):
            status = fields.get("Status", "install ok installed").split()
            if status and status[-1] == "installed":
                packages.append(Package(fields))
    packages.sort(key=lambda package: package.name)
    return packages


# --- versions --------------------------------------------------------------

def char_order(char):
    """Sort key of one character outside digits, as dpkg orders them."""
    if char == "~":
        return -1
    if char.isalpha():
        return ord(char)
    return ord(char) + 256


def compare_part(a, b):
    """Compare upstream versions or revisions: -1, 0 or 1."""
    i = j = 0
    while i < len(a) or j < len(b):
        while (i < len(a) and not a[i].isdigit()
               or j < len(b) and not b[j].isdigit()):
            left = right = 0
            if i < len(a) and not a[i].isdigit():
                left = char_order(a[i])
                i += 1
            if j < len(b) and not b[j].isdigit():
                right = char_order(b[j])
                j += 1
            if left != right:
                return -1 if left < right else 1
        left = right = 0
        while i < len(a) and a[i].isdigit():
            left = left * 10 + ord(a[i]) - ord("0")
            i += 1
        while j < len(b) and b[j].isdigit():
            right = right * 10 + ord(b[j]) - ord("0")
            j += 1
        if left != right:
            return -1 if left < right else 1
    return 0


def split_version(version):
    epoch, colon, rest = version.partition(":")
    if not colon:
        epoch, rest = "0", version
    upstream, _, revision = rest.rpartition("-")
    if not upstream:
        upstream, revision = revision, ""
    return int(epoch), upstream, revision


def compare_versions(a, b):
    epoch_a, upstream_a, revision_a = split_version(a)
    epoch_b, upstream_b, revision_b = split_version(b)
    if epoch_a != epoch_b:
        return -1 if epoch_a < epoch_b else 1
    order = compare_part(upstream_a, upstream_b)
    if order == 0:
        order = compare_part(revision_a, revision_b)
    return order


def satisfies(version, relation):
    if not relation.operator:
        return True
    order = compare_versions(version, relation.version)
    if relation.operator in ("<=", "<"):
        return order <= 0
    if relation.operator in (">=", ">"):
        return order >= 0
    if relation.operator == "<<":
        return order < 0
    if relation.operator == ">>":
        return order > 0
    return order == 0


# --- the graph -------------------------------------------------------------

class Graph:
    """The dependency graph: nodes are indices into packages.

    links[node] lists (target, weight); an alternative met by several
    installed packages shares its weight among them.
    """

    def __init__(self, packages):
        self.packages = packages
        self.index = {}
        self.providers = {}
        self.links = [[] for _ in packages]
        self.reverse = [[] for _ in packages]
        self.missing = []
        for node, package in enumerate(packages):
            self.index.setdefault(package.name, []).append(node)
            for group in package.provides:
                for virtual in group:
                    self.providers.setdefault(virtual.name, []).append(
                        (node, virtual))
        for node, package in enumerate(packages):
            self.connect(node, package)

    def find(self, relation):
        """All nodes that meet the relation."""
        found = []
        for node in self.index.get(relation.name, ()):
            if satisfies(self.packages[node].version, relation):
                found.append(node)
        for node, virtual in self.providers.get(relation.name, ()):
            if not relation.operator or (
                    virtual.version and satisfies(virtual.version, relation)):
                found.append(node)
        return found

    def connect(self, node, package):
        total = {}
        for field, weight, group in package.relations:
            targets = []
            for relation in group:
                for target in self.find(relation):
                    if target not in targets:
                        targets.append(target)
            if not targets:
                if field != "Recommends":
                    self.missing.append((package, field, group))
                continue
            share = weight / len(targets)
            for target in targets:
                if target != node:
                    total[target] = total.get(target, 0.0) + share
        for target in sorted(total):
            self.links[node].append((target, total[target]))
            self.reverse[target].append((node, total[target]))


def page_rank(links, seeds):
    """PageRank by power iteration; jumps land on the seeds only.

    Returns the ranks (they sum to 1) and the number of rounds taken.
    """
    count = len(links)
    jump = [0.0] * count
    for node in seeds:
        jump[node] += 1.0 / len(seeds)
    weights = []
    for node in range(count):
        total = 0.0
        for _, weight in links[node]:
            total += weight
        weights.append(total)

    ranks = jump[:]
    for rounds in range(1, MAX_ROUNDS + 1):
        incoming = [0.0] * count
        dangling = 0.0
        for node in range(count):
            rank = ranks[node]
            if weights[node] == 0.0:
                dangling += rank
            elif rank > 0.0:
                unit = rank / weights[node]
                for target, weight in links[node]:
                    incoming[target] += unit * weight
        change = 0.0
        for node in range(count):
            rank = ((1.0 - DAMPING + DAMPING * dangling) * jump[node]
                    + DAMPING * incoming[node])
            change += abs(rank - ranks[node])
            ranks[node] = rank
        if change < TOLERANCE:
            break
    return ranks, rounds


def components(links):
    """Strongly connected components (Tarjan, without recursion).

    They come in reverse topological order: what is depended upon first.
    """
    count = len(links)
    order = [-1] * count
    low = [0] * count
    on_stack = [False] * count
    position = [0] * count
    stack = []
    found = []
    clock = 0
    for root in range(count):
        if order[root] >= 0:
            continue
        path = [root]
        while path:
            node = path[-1]
            if order[node] < 0:
                order[node] = low[node] = clock
                clock += 1
                stack.append(node)
                on_stack[node] = True
            descended = False
            edges = links[node]
            while position[node] < len(edges):
                target = edges[position[node]][0]
                position[node] += 1
                if order[target] < 0:
                    path.append(target)
                    descended = True
                    break
                if on_stack[target] and order[target] < low[node]:
                    low[node] = order[target]
            if descended:
                continue
            path.pop()
            if path and low[node] < low[path[-1]]:
                low[path[-1]] = low[node]
            if low[node] == order[node]:
                members = []
                while True:
                    member = stack.pop()
                    on_stack[member] = False
                    members.append(member)
                    if member == node:
                        break
                members.sort()
                found.append(members)
    return found


def depths(links, groups):
    """Longest chain of dependencies below each node, cycles counted once."""
    group_of = [0] * len(links)
    for number, members in enumerate(groups):
        for node in members:
            group_of[node] = number
    depth = [0] * len(groups)
    for number, members in enumerate(groups):
        deepest = 0
        for node in members:
            for target, _ in links[node]:
                below = group_of[target]
                if below != number and depth[below] + 1 > deepest:
                    deepest = depth[below] + 1
        depth[number] = deepest
    return [depth[group_of[node]] for node in range(len(links))]


def closure_sizes(links, sizes):
    """Number and total size of all that each package pulls in, itself too."""
    count = len(links)
    numbers = [0] * count
    totals = [0] * count
    seen = [-1] * count
    for start in range(count):
        seen[start] = start
        queue = [start]
        total = 0
        head = 0
        while head < len(queue):
            node = queue[head]
            head += 1
            total += sizes[node]
            for target, _ in links[node]:
                if seen[target] != start:
                    seen[target] = start
                    queue.append(target)
        numbers[start] = len(queue)
        totals[start] = total
    return numbers, totals


def cosine(a, b):
    """How alike two lists of ranks are, from 0 to 1."""
    ab = aa = bb = 0.0
    for x, y in zip(a, b):
        ab += x * y
        aa += x * x
        bb += y * y
    return ab / (aa * bb) ** 0.5


def most_alike(links, nodes):
    """Pairs of nodes that stand on the same packages, most alike first."""
    ranks = []
    for node in nodes:
        values, _ = page_rank(links, [node])
        values[node] = 0.0
        ranks.append(values)
    pairs = []
    for i in range(len(nodes)):
        for j in range(i + 1, len(nodes)):
            pairs.append((cosine(ranks[i], ranks[j]), nodes[i], nodes[j]))
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    return pairs


# --- the report ------------------------------------------------------------

def best(values, count):
    """Indices of the largest values; equal values in index order."""
    order = sorted(range(len(values)), key=lambda i: (-values[i], i))
    return order[:count]


def title(text):
    print()
    print(text)
    print("-" * len(text))


def print_ranks(graph, ranks, top):
    for place, node in enumerate(best(ranks, top), 1):
        package = graph.packages[node]
        print(f"{place:4}. {package.name:32.32} {ranks[node]:.10f}"
              f"  needed by {len(graph.reverse[node])}")


def groups_by(packages, key):
    groups = {}
    for node, package in enumerate(packages):
        groups.setdefault(key(package), []).append(node)
    return sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))


def print_groups(graph, overall, groups):
    """For each group of seeds, the packages that gain most in rank by it."""
    for name, nodes in groups:
        ranks, rounds = page_rank(graph.links, nodes)
        gains = [rank - usual for rank, usual in zip(ranks, overall)]
        names = [graph.packages[node].name for node in best(gains, 3)]
        print(f"{name:16.16} {len(nodes):5} packages {rounds:4} rounds  "
              + ", ".join(names))


def report(graph, top):
    packages = graph.packages
    links = graph.links
    everything = list(range(len(packages)))
    edges = sum(len(targets) for targets in links)
    print(f"{len(packages)} packages, {edges} dependencies,"
          f" {len(graph.providers)} virtual names")

    ranks, rounds = page_rank(links, everything)
    title(f"Most depended upon ({rounds} rounds)")
    print_ranks(graph, ranks, top)

    essential = [node for node in everything if packages[node].essential]
    if essential:
        base_ranks, rounds = page_rank(links, essential)
        title(f"Needed by the {len(essential)} essential packages"
              f" ({rounds} rounds)")
        print_ranks(graph, base_ranks, top)

    reverse_ranks, rounds = page_rank(graph.reverse, everything)
    title(f"Leaning on most of the system ({rounds} rounds)")
    for place, node in enumerate(best(reverse_ranks, top), 1):
        print(f"{place:4}. {packages[node].name:32.32}"
              f" {reverse_ranks[node]:.10f}  needs {len(links[node])}")

    title("What each priority stands on, more than the whole does")
    print_groups(graph, ranks, groups_by(packages, lambda p: p.priority))
    title("What each section stands on, more than the whole does")
    print_groups(graph, ranks, groups_by(packages, lambda p: p.section))

    groups = components(links)
    cycles = [members for members in groups if len(members) > 1]
    cycles.sort(key=lambda members: (-len(members), members))
    title(f"Dependency cycles: {len(cycles)}")
    for members in cycles[:top]:
        names = [packages[node].name for node in members]
        print(f"{len(members):4}: " + " ".join(names[:8])
              + (" ..." if len(names) > 8 else ""))

    depth = depths(links, groups)
    title(f"Deepest chains (mean {sum(depth) / max(1, len(depth)):.3f})")
    for node in best(depth, top):
        print(f"{depth[node]:4}  {packages[node].name}")

    numbers, totals = closure_sizes(links, [p.size for p in packages])
    title("Heaviest with all they pull in")
    for node in best(totals, top):
        print(f"{totals[node] / 1024:10.1f} MiB {numbers[node]:5} packages"
              f"  {packages[node].name}")

    leaves = [node for node in best([len(edges) for edges in links],
                                    len(links))
              if links[node] and not graph.reverse[node]]
    title("Most alike in what they stand on")
    for likeness, a, b in most_alike(links, leaves[:LEAVES])[:top]:
        print(f"{likeness:8.6f}  {packages[a].name}, {packages[b].name}")

    numbers, totals = closure_sizes(graph.reverse, [p.size for p in packages])
    title("Breaking most when they break")
    for node in best(numbers, top):
        print(f"{numbers[node] - 1:6} packages  {packages[node].name}")

    title(f"Relations not satisfied: {len(graph.missing)}")
    for package, field, group in graph.missing[:top]:
        print(f"{package.name}: {field}: " + " | ".join(map(str, group)))


def main(arguments):
    path = STATUS_FILE
    top = 10
    words = iter(arguments)
    for word in words:
        if word in ("-h", "--help"):
            print(__doc__.strip())
            return 0
        if word == "--top":
            value = next(words, "")
            if not value.isdigit():
                print("debgraph: --top needs a number", file=sys.stderr)
                return 2
            top = int(value)
        else:
            path = word
    try:
        packages = read_packages(path)
    except (OSError, KeyError, ValueError) as error:
        print(f"debgraph: cannot read {path}: {error}", file=sys.stderr)
        return 1
    if not packages:
        print(f"debgraph: no installed packages in {path}", file=sys.stderr)
        return 1
    report(Graph(packages), top)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
