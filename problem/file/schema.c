#include <string.h>

#include "forms/form.h"
#include "galerkit/solver.h"
#include "problem/file/schema.h"

#define REQUIRED .required = true
#define LATER .later = true
#define DEFAULT(text) .standard = text
#define EXAMPLE(text) .example = text
#define X(name, word, type, title) " " word
#define LINEAR_METHODS GKT_LINEAR_METHOD_LIST(X) /* " auto direct .." */

static const gkt_schema_key keys[] = {
    {"title", GKT_KEY_TEXT, DEFAULT("none"), EXAMPLE("Heated bracket")},

    {"mesh", GKT_KEY_MAP, REQUIRED, EXAMPLE("{box: {cells: [8, 8]}}")},
    {"mesh.file", GKT_KEY_PATH, .choices = ".msh", EXAMPLE("bracket.msh")},
    {"mesh.geometry", GKT_KEY_PATH, EXAMPLE("bracket.step")},
    {"mesh.size", GKT_KEY_POSITIVE, .unit = "m", EXAMPLE("0.004")},
    {"mesh.min_size", GKT_KEY_POSITIVE, DEFAULT("size / 10"), .unit = "m", EXAMPLE("0.001")},
    {"mesh.curvature", GKT_KEY_INTEGER, DEFAULT("0"), EXAMPLE("24")},
    {"mesh.order", GKT_KEY_CHOICE, DEFAULT("1"), .choices = "1 2", EXAMPLE("2")},
    {"mesh.unit", GKT_KEY_CHOICE, DEFAULT("of the file, else m"), .choices = "m mm cm in", EXAMPLE("mm")},
    {"mesh.box", GKT_KEY_MAP, EXAMPLE("{cells: [8, 8]}")},
    {"mesh.box.cells", GKT_KEY_COUNTS, REQUIRED, EXAMPLE("[32, 32, 32]")},
    {"mesh.box.lower", GKT_KEY_NUMBERS, DEFAULT("0"), .unit = "m", EXAMPLE("[-1, -1, 0]")},
    {"mesh.box.upper", GKT_KEY_NUMBERS, DEFAULT("1"), .unit = "m", EXAMPLE("[1, 1, 2]")},
    {"mesh.box.shape", GKT_KEY_CHOICE, DEFAULT("line, tri or tet, by the number of cells"), .choices = "line tri quad tet hex", EXAMPLE("tet")},
    {"mesh.refine", GKT_KEY_INTEGER, DEFAULT("0"), EXAMPLE("1")},

    {"regions", GKT_KEY_SETS, EXAMPLE("{bolts: {faces: [12, 17]}}")},
    {"regions.*", GKT_KEY_MAP, EXAMPLE("{faces: [12, 17]}")},
    {"regions.*.solids", GKT_KEY_TAGS, EXAMPLE("[1]")},
    {"regions.*.faces", GKT_KEY_TAGS, EXAMPLE("[12, 17]")},
    {"regions.*.edges", GKT_KEY_TAGS, EXAMPLE("[3]")},
    {"regions.*.points", GKT_KEY_TAGS, EXAMPLE("[5]")},
    {"regions.*.at", GKT_KEY_POINTS, .unit = "m", EXAMPLE("[0, 1]")},
    {"regions.*.where", GKT_KEY_EXPRESSION, EXAMPLE("\"x[0] < 1e-9\"")},
    {"regions.*.cells", GKT_KEY_EXPRESSION, EXAMPLE("\"x[1] > 0.5\"")},

    {"let", GKT_KEY_NAMES, EXAMPLE("{q: \"k*grad(u)\"}")},
    {"let.*", GKT_KEY_EXPRESSION, EXAMPLE("\"k*grad(u)\"")},

    {"fields", GKT_KEY_NAMES, REQUIRED, EXAMPLE("{u: {space: P2, test: v}}")},
    {"fields.*", GKT_KEY_MAP, EXAMPLE("{space: P2, test: v}")},
    {"fields.*.space", GKT_KEY_SPACE, REQUIRED, EXAMPLE("P2")},
    {"fields.*.shape", GKT_KEY_SHAPE, DEFAULT("scalar"), EXAMPLE("vector")},
    {"fields.*.test", GKT_KEY_NAME, DEFAULT("none; needed with `equation`"), EXAMPLE("v")},

    {"constants", GKT_KEY_NAMES, EXAMPLE("{k: 45.0}")},
    {"constants.*", GKT_KEY_NUMBER, EXAMPLE("45.0")},

    {"coefficients", GKT_KEY_NAMES, EXAMPLE("{f: \"x[0]\"}")},
    {"coefficients.*", GKT_KEY_EXPRESSION_OR_MAP, EXAMPLE("\"exp(-dot(x,x))\"")},
    {"coefficients.*.space", GKT_KEY_SPACE, REQUIRED, EXAMPLE("DP0")},
    {"coefficients.*.value", GKT_KEY_EXPRESSION, EXAMPLE("\"1 + x[0]\"")},
    {"coefficients.*.regions", GKT_KEY_SETS, EXAMPLE("{steel: 210e9, rubber: 1e7}")},
    {"coefficients.*.regions.*", GKT_KEY_EXPRESSION, EXAMPLE("210e9")},
    {"coefficients.*.default", GKT_KEY_EXPRESSION, DEFAULT("none: every cell must be covered"), EXAMPLE("1e9")},

    {"history", GKT_KEY_NAMES, EXAMPLE("{d: {points: 2, update: \"max(d, norm(grad(u)))\"}}")},
    {"history.*", GKT_KEY_MAP, EXAMPLE("{points: 2, update: \"max(d, norm(grad(u)))\"}")},
    {"history.*.points", GKT_KEY_INTEGER, REQUIRED, EXAMPLE("2")},
    {"history.*.shape", GKT_KEY_SHAPE, DEFAULT("scalar"), EXAMPLE("tensor")},
    {"history.*.initial", GKT_KEY_EXPRESSION, DEFAULT("0"), EXAMPLE("\"0\"")},
    {"history.*.update", GKT_KEY_EXPRESSION, REQUIRED, EXAMPLE("\"max(d, norm(grad(u)))\"")},

    {"equation", GKT_KEY_EXPRESSION, EXAMPLE("\"inner(grad(u), grad(v))*dx == f*v*dx\"")},
    {"energy", GKT_KEY_EXPRESSION, EXAMPLE("\"0.5*dot(grad(u), grad(u))*dx - f*u*dx\"")},

    {"conditions", GKT_KEY_LIST, EXAMPLE("[{on: left, value: 0}]")},
    {"conditions.#", GKT_KEY_MAP, EXAMPLE("{on: left, value: 0}")},
    {"conditions.#.on", GKT_KEY_WORDS, REQUIRED, EXAMPLE("[left, right]")},
    {"conditions.#.field", GKT_KEY_NAME, DEFAULT("the only field; needed where there are several"), EXAMPLE("u")},
    {"conditions.#.component", GKT_KEY_COMPONENT, DEFAULT("all"), EXAMPLE("0")},
    {"conditions.#.value", GKT_KEY_EXPRESSION, REQUIRED, EXAMPLE("\"0.1*x[0]\"")},

    {"periodic", GKT_KEY_LIST, EXAMPLE("[{from: left, to: right}]")},
    {"periodic.#", GKT_KEY_MAP, EXAMPLE("{from: left, to: right}")},
    {"periodic.#.from", GKT_KEY_WORD, REQUIRED, EXAMPLE("left")},
    {"periodic.#.to", GKT_KEY_WORD, REQUIRED, EXAMPLE("right")},
    {"periodic.#.fields", GKT_KEY_NAME_LIST, DEFAULT("all that are continuous"), EXAMPLE("[u]")},
    {"periodic.#.rotate", GKT_KEY_MAP, DEFAULT("none: a translation, which is found"), EXAMPLE("{angle: 90}")},
    {"periodic.#.rotate.angle", GKT_KEY_NUMBER, REQUIRED, .unit = "degrees", EXAMPLE("60")},
    {"periodic.#.rotate.axis", GKT_KEY_NUMBERS, DEFAULT("none; needed in 3-D"), EXAMPLE("[0, 0, 1]")},
    {"periodic.#.rotate.point", GKT_KEY_NUMBERS, DEFAULT("the origin"), .unit = "m", EXAMPLE("[0, 0, 0]")},

    {"initial", GKT_KEY_RATES, EXAMPLE("{u: \"0\"}")},
    {"initial.*", GKT_KEY_EXPRESSION, DEFAULT("0"), EXAMPLE("\"0\"")},
    {"time", GKT_KEY_MAP, EXAMPLE("{end: 1.0, step: 0.01}")},
    {"time.start", GKT_KEY_NUMBER, DEFAULT("0"), .unit = "s", EXAMPLE("0.5")},
    {"time.end", GKT_KEY_NUMBER, REQUIRED, .unit = "s", EXAMPLE("1.0")},
    {"time.step", GKT_KEY_POSITIVE, REQUIRED, .unit = "s", EXAMPLE("0.01")},
    {"time.scheme", GKT_KEY_TEXT, DEFAULT("bdf2; newmark where the equation holds dtt"), EXAMPLE("crank-nicolson")},
    {"time.output_every", GKT_KEY_INTEGER, DEFAULT("1"), EXAMPLE("10")},
    {"time.longest", GKT_KEY_POSITIVE, DEFAULT("100 times `time.step`"), .unit = "s", EXAMPLE("0.5")},
    {"time.steps", GKT_KEY_INTEGER, EXAMPLE("40")},
    {"time.adaptive", GKT_KEY_MAP, EXAMPLE("{rtol: 1e-4}")},
    {"time.adaptive.rtol", GKT_KEY_FRACTION, REQUIRED, EXAMPLE("1e-4")},
    {"time.adaptive.atol", GKT_KEY_NUMBER, DEFAULT("0"), EXAMPLE("1e-8")},
    {"time.lump", GKT_KEY_NAME_LIST, DEFAULT("none; all of an explicit scheme"), EXAMPLE("[u]")},
    {"time.repeat", GKT_KEY_MAP, EXAMPLE("{rtol: 1e-3}")},
    {"time.repeat.rtol", GKT_KEY_FRACTION, REQUIRED, EXAMPLE("1e-3")},
    {"time.repeat.most", GKT_KEY_INTEGER, DEFAULT("100"), EXAMPLE("500")},
    {"time.checkpoint", GKT_KEY_PATH, DEFAULT("none"), .choices = ".h5", EXAMPLE("a.h5")},
    {"time.checkpoint_every", GKT_KEY_INTEGER, DEFAULT("1"), EXAMPLE("10")},
    {"time.restart", GKT_KEY_PATH, DEFAULT("none: from the start"), .choices = ".h5", EXAMPLE("a.h5")},

    {"solver", GKT_KEY_MAP, EXAMPLE("{rtol: 1e-8}")},
    {"solver.linear", GKT_KEY_CHOICE, DEFAULT("auto"), .choices = &LINEAR_METHODS[1], EXAMPLE("cg")},
    {"solver.rtol", GKT_KEY_FRACTION, DEFAULT("1e-10"), EXAMPLE("1e-8")},
    {"solver.options", GKT_KEY_TEXT, DEFAULT("none"), EXAMPLE("\"-pc_type hypre\"")},
    {"solver.nullspace", GKT_KEY_CHOICE, DEFAULT("auto"), .choices = "auto none", EXAMPLE("none")},
    {"solver.nonlinear", GKT_KEY_MAP, EXAMPLE("{rtol: 1e-8}")},
    {"solver.nonlinear.rtol", GKT_KEY_FRACTION, DEFAULT("1e-10"), EXAMPLE("1e-8")},
    {"solver.nonlinear.atol", GKT_KEY_NUMBER, DEFAULT("0"), EXAMPLE("1e-12")},
    {"solver.nonlinear.iterations", GKT_KEY_INTEGER, DEFAULT("30"), EXAMPLE("50")},
    {"solver.nonlinear.load_steps", GKT_KEY_INTEGER, DEFAULT("1"), EXAMPLE("4")},
    {"solver.nonlinear.accept", GKT_KEY_CHOICE, DEFAULT("auto"), .choices = "auto energy natural residual full", EXAMPLE("natural")},

    {"exact", GKT_KEY_NAMES, EXAMPLE("{u: \"x[0]\"}")},
    {"exact.*", GKT_KEY_EXPRESSION, EXAMPLE("\"sin(pi*x[0])\"")},
    {"compute", GKT_KEY_NAMES, EXAMPLE("{volume: \"1*dx\"}")},
    {"compute.*", GKT_KEY_EXPRESSION_OR_MAP, EXAMPLE("\"dot(grad(u), n)*ds(left)\"")},
    {"compute.*.max", GKT_KEY_EXPRESSION, EXAMPLE("\"norm(grad(u))\"")},
    {"compute.*.min", GKT_KEY_EXPRESSION, EXAMPLE("u")},
    {"compute.*.on", GKT_KEY_WORD, DEFAULT("everywhere"), EXAMPLE("left")},
    {"probes", GKT_KEY_NAMES, EXAMPLE("{tip: {at: [1, 0.5, 0]}}")},
    {"probes.*", GKT_KEY_MAP, EXAMPLE("{at: [1, 0.5, 0]}")},
    {"probes.*.at", GKT_KEY_NUMBERS, REQUIRED, .unit = "m", EXAMPLE("[1.0, 0.5, 0.0]")},
    {"probes.*.field", GKT_KEY_NAME, DEFAULT("the only field; needed where there are several"), EXAMPLE("u")},
    {"probes.*.value", GKT_KEY_EXPRESSION, EXAMPLE("\"norm(grad(u))\"")},

    {"output", GKT_KEY_MAP, EXAMPLE("{file: a.vtu}")},
    {"output.mesh", GKT_KEY_PATH, DEFAULT("none"), .choices = ".msh", EXAMPLE("shape.msh")},
    {"output.file", GKT_KEY_PATH, DEFAULT("none"), .choices = ".vtu .xdmf", EXAMPLE("bracket.vtu")},
    {"output.fields", GKT_KEY_EXPRESSIONS, DEFAULT("every field"), EXAMPLE("[u, \"norm(grad(u))\"]")},
    {"output.fields.*", GKT_KEY_EXPRESSION, EXAMPLE("\"norm(grad(u))\"")},
    {"output.average", GKT_KEY_BOOLEAN, DEFAULT("false"), EXAMPLE("true")},
    {"output.picture", GKT_KEY_MAP, EXAMPLE("{file: a.png}")},
    {"output.picture.file", GKT_KEY_PATH, REQUIRED, .choices = ".png", EXAMPLE("bracket.png")},
    {"output.picture.color", GKT_KEY_EXPRESSION, DEFAULT("the first field"), EXAMPLE("u")},
    {"output.picture.warp", GKT_KEY_EXPRESSION, DEFAULT("0"), EXAMPLE("0")},
    {"output.picture.view", GKT_KEY_CHOICE, DEFAULT("iso; xy in two dimensions"), .choices = "iso xy xz yz", EXAMPLE("xy")},
    {"output.picture.edges", GKT_KEY_BOOLEAN, DEFAULT("false"), EXAMPLE("true")},
    {"output.picture.isolines", GKT_KEY_INTEGER, DEFAULT("0"), EXAMPLE("12")},
    {"output.picture.section", GKT_KEY_TEXT, DEFAULT("none"), EXAMPLE("\"x=0.5\"")},
    {"output.picture.range", GKT_KEY_PAIR, DEFAULT("all values that are seen"), EXAMPLE("[0, 1]")},
    {"output.picture.every", GKT_KEY_INTEGER, DEFAULT("0"), EXAMPLE("5")},
    {"output.picture.film", GKT_KEY_MAP, EXAMPLE("{file: film.png}")},
    {"output.picture.film.file", GKT_KEY_PATH, REQUIRED, .choices = ".png", EXAMPLE("film.png")},
    {"output.picture.film.every", GKT_KEY_INTEGER, DEFAULT("1"), EXAMPLE("2")},
    {"output.picture.film.seconds", GKT_KEY_POSITIVE, DEFAULT("0.1"), .unit = "s", EXAMPLE("0.05")},
    {"output.graph", GKT_KEY_MAP, EXAMPLE("{file: energy.png, values: energy}")},
    {"output.graph.file", GKT_KEY_PATH, REQUIRED, .choices = ".png", EXAMPLE("energy.png")},
    {"output.graph.values", GKT_KEY_NAME_LIST, REQUIRED, EXAMPLE("[kinetic, potential]")},
    {"output.graph.title", GKT_KEY_TEXT, DEFAULT("the title of the problem"), EXAMPLE("Energy")},
    {"output.picture.title", GKT_KEY_TEXT, DEFAULT("the title of the problem"), EXAMPLE("Temperature")},

    {"sample", GKT_KEY_MAP, EXAMPLE("{count: 100, file: a.h5, draw: {k: {uniform: [1, 2]}}}")},
    {"sample.count", GKT_KEY_INTEGER, REQUIRED, EXAMPLE("1000")},
    {"sample.seed", GKT_KEY_INTEGER, DEFAULT("0"), EXAMPLE("7")},
    {"sample.file", GKT_KEY_PATH, REQUIRED, .choices = ".h5", EXAMPLE("data.h5")},
    {"sample.batch", GKT_KEY_INTEGER, DEFAULT("32"), EXAMPLE("8")},
    {"sample.draw", GKT_KEY_NAMES, REQUIRED, EXAMPLE("{k: {uniform: [1, 2]}}")},
    {"sample.draw.*", GKT_KEY_MAP, EXAMPLE("{uniform: [1, 2]}")},
    {"sample.draw.*.uniform", GKT_KEY_PAIR, EXAMPLE("[1, 2]")},
    {"sample.draw.*.normal", GKT_KEY_MAP, EXAMPLE("{mean: 0, deviation: 1}")},
    {"sample.draw.*.normal.mean", GKT_KEY_NUMBER, DEFAULT("0"), EXAMPLE("20.0")},
    {"sample.draw.*.normal.deviation", GKT_KEY_POSITIVE, DEFAULT("1"), EXAMPLE("0.5")},
    {"sample.draw.*.log_normal", GKT_KEY_MAP, EXAMPLE("{median: 210e9, deviation: 0.1}")},
    {"sample.draw.*.log_normal.median", GKT_KEY_POSITIVE, DEFAULT("1"), EXAMPLE("210e9")},
    {"sample.draw.*.log_normal.deviation", GKT_KEY_POSITIVE, DEFAULT("1"), EXAMPLE("0.1")},
    {"sample.draw.*.gaussian_field", GKT_KEY_MAP, EXAMPLE("{length: 0.2}")},
    {"sample.draw.*.gaussian_field.length", GKT_KEY_POSITIVE, REQUIRED, .unit = "m", EXAMPLE("0.2")},
    {"sample.draw.*.gaussian_field.deviation", GKT_KEY_POSITIVE, DEFAULT("1"), EXAMPLE("0.5")},
    {"sample.draw.*.gaussian_field.smoothness", GKT_KEY_POSITIVE, DEFAULT("1.5, 1 or 0.5 in one, two or three dimensions"), EXAMPLE("3")},
    {"sample.draw.*.gaussian_field.boundary", GKT_KEY_CHOICE, DEFAULT("neumann"), .choices = "neumann robin zero", EXAMPLE("robin")},
    {"sample.draw.*.sine_sum", GKT_KEY_MAP, EXAMPLE("{terms: 8, decay: 1}")},
    {"sample.draw.*.sine_sum.terms", GKT_KEY_INTEGER, DEFAULT("8"), EXAMPLE("16")},
    {"sample.draw.*.sine_sum.decay", GKT_KEY_NUMBER, DEFAULT("1"), EXAMPLE("2")},
    {"sample.draw.*.sine_sum.deviation", GKT_KEY_POSITIVE, DEFAULT("1"), EXAMPLE("10")},
    {"sample.draw.*.sine_sum.amplitudes", GKT_KEY_CHOICE, DEFAULT("normal"), .choices = "normal uniform", EXAMPLE("uniform")},
    {"sample.draw.*.exp", GKT_KEY_BOOLEAN, DEFAULT("false"), EXAMPLE("true")},

    {"controls", GKT_KEY_SETS, EXAMPLE("{rho: {bounds: [0, 1]}}")},
    {"controls.*", GKT_KEY_MAP, EXAMPLE("{bounds: [0, 1]}")},
    {"controls.*.bounds", GKT_KEY_PAIR, DEFAULT("none"), EXAMPLE("[0.1, 10]")},
    {"controls.*.on", GKT_KEY_WORDS, DEFAULT("all nodes"), EXAMPLE("[inlet, outlet]")},
    {"controls.*.times", GKT_KEY_INTEGER, DEFAULT("the same at all times"), EXAMPLE("11")},
    {"controls.*.move", GKT_KEY_WORDS, EXAMPLE("wing")},
    {"controls.*.hold", GKT_KEY_LIST, EXAMPLE("[{on: axis, component: 1}]")},
    {"controls.*.hold.#", GKT_KEY_MAP, EXAMPLE("{on: axis, component: 1}")},
    {"controls.*.hold.#.on", GKT_KEY_WORDS, REQUIRED, EXAMPLE("axis")},
    {"controls.*.hold.#.component", GKT_KEY_INTEGER, DEFAULT("all"), EXAMPLE("1")},
    {"controls.*.extension", GKT_KEY_CHOICE, DEFAULT("elasticity"), .choices = "elasticity", EXAMPLE("elasticity")},
    {"minimize", GKT_KEY_EXPRESSION_OR_MAP, EXAMPLE("compliance")},
    {"minimize.end", GKT_KEY_EXPRESSION, DEFAULT("none; it, running or both"), EXAMPLE("misfit")},
    {"minimize.running", GKT_KEY_EXPRESSION, DEFAULT("none"), EXAMPLE("power")},
    {"maximize", GKT_KEY_EXPRESSION_OR_MAP, EXAMPLE("stiffness")},
    {"maximize.end", GKT_KEY_EXPRESSION, DEFAULT("none; it, running or both"), EXAMPLE("stiffness")},
    {"maximize.running", GKT_KEY_EXPRESSION, DEFAULT("none"), EXAMPLE("power")},
    {"subject_to", GKT_KEY_LIST, EXAMPLE("[{value: volume, upper: 0.5}]")},
    {"subject_to.#", GKT_KEY_MAP, EXAMPLE("{value: volume, upper: 0.5}")},
    {"subject_to.#.value", GKT_KEY_EXPRESSION_OR_MAP, REQUIRED, EXAMPLE("volume")},
    {"subject_to.#.value.end", GKT_KEY_EXPRESSION, DEFAULT("none; it, running or both"), EXAMPLE("volume")},
    {"subject_to.#.value.running", GKT_KEY_EXPRESSION, DEFAULT("none"), EXAMPLE("power")},
    {"subject_to.#.upper", GKT_KEY_NUMBER, DEFAULT("none; it, lower or both"), EXAMPLE("0.5")},
    {"subject_to.#.lower", GKT_KEY_NUMBER, DEFAULT("none"), EXAMPLE("0.1")},
    {"filter", GKT_KEY_SETS, EXAMPLE("{rho: {radius: 0.1}}")},
    {"filter.*", GKT_KEY_MAP, EXAMPLE("{radius: 0.1}")},
    {"filter.*.kind", GKT_KEY_CHOICE, DEFAULT("density, of values on sets and shape helmholtz"), .choices = "density helmholtz sensitivity gradient", EXAMPLE("helmholtz")},
    {"filter.*.radius", GKT_KEY_POSITIVE, REQUIRED, .unit = "m", EXAMPLE("0.1")},
    {"filter.*.project", GKT_KEY_MAP, EXAMPLE("{beta: 8}")},
    {"filter.*.project.beta", GKT_KEY_SERIES, REQUIRED, EXAMPLE("[1, 2, 4, 8]")},
    {"filter.*.project.eta", GKT_KEY_FRACTION, DEFAULT("0.5"), EXAMPLE("0.4")},
    {"filter.*.project.every", GKT_KEY_TAGS, DEFAULT("20"), EXAMPLE("50")},
    {"optimizer", GKT_KEY_MAP, EXAMPLE("{method: mma}")},
    {"optimizer.method", GKT_KEY_CHOICE, DEFAULT("mma with constraints, else blmvm"), .choices = "none mma gcmma oc lmvm blmvm bnls bntr gauss-newton", EXAMPLE("mma")},
    {"optimizer.iterations", GKT_KEY_INTEGER, DEFAULT("100"), EXAMPLE("51")},
    {"optimizer.tolerance", GKT_KEY_NUMBER, DEFAULT("1e-6"), EXAMPLE("1e-4")},
    {"optimizer.change", GKT_KEY_NUMBER, DEFAULT("0: not looked at"), EXAMPLE("0.01")},
    {"optimizer.move", GKT_KEY_FRACTION, DEFAULT("0.2"), EXAMPLE("0.1")},
    {"optimizer.damping", GKT_KEY_FRACTION, DEFAULT("0.5"), EXAMPLE("0.3")},
    {"optimizer.continuation", GKT_KEY_NAMES, DEFAULT("none"), EXAMPLE("{p: [1, 2, 3]}")},
    {"optimizer.continuation.*", GKT_KEY_SERIES, EXAMPLE("[1, 2, 3]")},
    {"optimizer.every", GKT_KEY_TAGS, DEFAULT("20"), EXAMPLE("50")},
    {"optimizer.memory", GKT_KEY_POSITIVE, DEFAULT("no limit"), .unit = "bytes", EXAMPLE("2e9")},
    {"optimizer.disk", GKT_KEY_POSITIVE, DEFAULT("none"), .unit = "bytes", EXAMPLE("1e11")},
    {"optimizer.options", GKT_KEY_TEXT, DEFAULT("none"), EXAMPLE("\"-tao_ls_type armijo\"")},
    {"optimizer.checkpoint", GKT_KEY_PATH, DEFAULT("none"), .choices = ".h5", EXAMPLE("a.h5")},
    {"optimizer.checkpoint_every", GKT_KEY_INTEGER, DEFAULT("1"), EXAMPLE("10")},
    {"optimizer.restart", GKT_KEY_PATH, DEFAULT("none: from the start"), .choices = ".h5", EXAMPLE("a.h5")},
    {"verify", GKT_KEY_CHOICE, DEFAULT("none"), .choices = "taylor", EXAMPLE("taylor")},
};

int gkt_schema_count(void) { return (int)(sizeof keys / sizeof keys[0]); }
const gkt_schema_key *gkt_schema_at(int i) { return &keys[i]; }

const char *gkt_schema_expected(const gkt_schema_key *key) {
  switch (key->type) {
  case GKT_KEY_MAP: return "a mapping {key: value, ..}";
  case GKT_KEY_NAMES:
  case GKT_KEY_RATES:
  case GKT_KEY_SETS: return "a mapping {NAME: value, ..}";
  case GKT_KEY_LIST: return "a list [{..}, ..]";
  case GKT_KEY_TEXT: return "text";
  case GKT_KEY_PATH: return "the name of a file";
  case GKT_KEY_NAME: return "a name (a letter, then letters, digits and _, 63 at most)";
  case GKT_KEY_NAME_LIST: return "a name, or a list of names";
  case GKT_KEY_WORD: return "the name of a set of the mesh";
  case GKT_KEY_WORDS: return "the name of a set of the mesh, or a list of names";
  case GKT_KEY_EXPRESSION: return "an expression";
  case GKT_KEY_EXPRESSIONS: return "an expression, a list of expressions, or a mapping {NAME: expression, ..}";
  case GKT_KEY_EXPRESSION_OR_MAP: return "an expression, or a mapping {key: value, ..}";
  case GKT_KEY_NUMBER: return "a number";
  case GKT_KEY_POSITIVE: return "a number above 0";
  case GKT_KEY_FRACTION: return "a number between 0 and 1";
  case GKT_KEY_INTEGER: return "a whole number from 0";
  case GKT_KEY_COMPONENT: return "a whole number from 0, or normal";
  case GKT_KEY_NUMBERS: return "a list of 1 to 3 numbers";
  case GKT_KEY_PAIR: return "two numbers, [lower, upper]";
  case GKT_KEY_SERIES: return "a number above 0, or a list of them";
  case GKT_KEY_POINTS: return "a list of 1 to 3 numbers, or a list of such lists";
  case GKT_KEY_COUNTS: return "a list of 1 to 3 whole numbers from 1";
  case GKT_KEY_TAGS: return "a whole number from 1, or a list of them";
  case GKT_KEY_BOOLEAN: return "true or false";
  case GKT_KEY_CHOICE: return "one of";
  case GKT_KEY_SPACE: return GKT_ELEMENT_WORDS;
  case GKT_KEY_SHAPE: return "scalar, vector, vector(n) with n from 1 to 9, or tensor";
  case GKT_KEY_ANY: return "a value";
  }
  return "a value";
}
