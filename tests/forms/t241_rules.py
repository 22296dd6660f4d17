# Claim: the compiler refuses an operation, a terminal, a node of the syntax tree or a kind of element for which a rule is forgotten: with a row added to a copy of the table that
# lacks a column, or with a kind added to a copy of the list, each reader that would need the rule does not compile, by the options of this build; with all columns all of them do.
import json, os, re, shlex, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

root, build = os.environ["GKT_ROOT"], os.environ["GKT_BUILD"]
command = iter(next(shlex.split(c["command"]) for c in json.load(open(f"{build}/compile_commands.json")) if c["file"].endswith("/forms/derive.c")))
options = []
for word in command:
    if word == "-isystem":
        options += [word, next(command)]
    elif word == "-o":
        next(command)
    elif word.startswith("-") and word != "-c" and not word.startswith("-fsanitize"):
        options.append(word)
compiler = re.search(r"^CMAKE_C_COMPILER:\w+=(.*)$", open(f"{build}/CMakeCache.txt").read(), re.M).group(1)

OPERATIONS = ["forms/derive.c", "forms/range.c", "forms/analyse.c", "assembly/magnitude.c"]
TERMINALS = ["forms/gradient.c", "forms/form_shape.c", "forms/degree.c", "forms/describe.c", "forms/facts.c", "forms/integral.c", "spaces/points.c", "spaces/evaluate.c",
             "assembly/map_emit.c", "assembly/map_emit_terminals.c", "systems/facts.c"]
TREES = ["forms/type.c", "forms/operator.c", "forms/print.c"]
ROW = ["CBRT", "1", '"cbrt"', '"a"', "GKT_COST_CALL", "cbrt(a)", "chain(g, quotient(g, number(g, 1. / 3), square(g, n)), da)", "GKT_JUMP_A", "rising(cbrt, a)",
       "of_function(s, a)", "rounded(o)"]
MAY_BE_EMPTY = range(5)  # words are for messages; the last columns are rules


def compile_with(header, text, readers):
    """What the compiler says of each reader when the header is replaced; '' where it accepts it."""
    with tempfile.TemporaryDirectory() as folder:
        name = header.removeprefix("include/")
        os.makedirs(f"{folder}/{os.path.dirname(name)}")
        open(f"{folder}/{name}", "w").write(text)

        def one(reader):
            r = subprocess.run([compiler, "-fsyntax-only", f"-I{folder}", *options, f"{root}/{reader}"], capture_output=True, text=True, cwd=build)
            return r.stderr if r.returncode else ""

        with ThreadPoolExecutor(2) as pool:
            return dict(zip(readers, pool.map(one, readers)))


def check(good, what):
    if not good:
        sys.exit(what)


def with_row(columns):
    text = open(f"{root}/forms/op_list.h").read()
    begin = "#define GKT_FUNCTION_LIST(X)"
    at = text.index("\n", text.index(begin)) + 1
    return text[:at] + "  X(" + ", ".join(columns) + ") \\\n" + text[at:]


readers = OPERATIONS + ["forms/emit.c", "forms/bytecode.c", "forms/builtins.c", "forms/describe.c", "forms/barriers.c"]
for reader, said in compile_with("forms/op_list.h", with_row(ROW), readers).items():
    check(not said, f"a whole row is refused by {reader}: {said}")
for i in range(len(ROW)):
    said = compile_with("forms/op_list.h", with_row(ROW[:i] + ROW[i + 1:]), ["forms/derive.c"])["forms/derive.c"]
    check("requires 11 arguments" in said, f"a row without column {i} is compiled: {said}")
empty = {"forms/emit.c": [], "forms/derive.c": [5, 6, 7], "forms/range.c": [8], "forms/analyse.c": [9], "assembly/magnitude.c": [10]}
check(sorted(sum(empty.values(), [])) == [i for i in range(len(ROW)) if i not in MAY_BE_EMPTY], "a column is not looked at")
for reader, columns in empty.items():
    for i in columns:
        said = compile_with("forms/op_list.h", with_row(ROW[:i] + [" "] + ROW[i + 1:]), [reader])[reader]
        check(said, f"{reader} compiles a row whose column {i} is empty")

# header, what ends the list there, with a new kind before it, who needs a rule for it
LISTS = [("forms/graph.h", "#define X(name, ...) GKT_OP_##name,", "GKT_OP_NEW,\n#define X(name, ...) GKT_OP_##name,", OPERATIONS),
         ("forms/graph.h", "} gkt_term_kind;", ", GKT_TERM_NEW\n} gkt_term_kind;", TERMINALS),
         ("forms/ast.h", "  GKT_AST_EQUALS ", "  GKT_AST_NEW,\n  GKT_AST_EQUALS ", TREES),
         ("include/galerkit/form.h", "} gkt_element_kind;", ", GKT_ELEMENT_NEW\n} gkt_element_kind;", ["forms/element.c"])]
for header, end, longer, readers in LISTS:
    text = open(f"{root}/{header}").read()
    name = re.search(r"GKT_\w+_NEW", longer).group()
    check(text.count(end) == 1, f"{header}: {end} is not found once")
    for reader, said in compile_with(header, text, readers).items():
        check(not said, f"{reader} is refused as it is: {said}")
    for reader, said in compile_with(header, text.replace(end, longer), readers).items():
        found = re.search(rf"{re.escape(os.path.basename(reader))}:\d+:\d+: error: enumeration value .{name}. not handled in switch", said)
        check(found, f"{reader} compiles without a rule for {name}: {said[:1500]}")
