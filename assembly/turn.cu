/* The twin of turn.c: the tensor of one coupling of one cell becomes Q' A Q, and nodes of one master become one. Operations and their order are those of the host. */
enum { GKT_MAX_TURNED = 9 };

typedef struct {
  int nodes[2], components[2];
  bool upper;      /* only nodes a <= b */
  bool transposed; /* sides in the other order: of a coupling and of its transpose sums are the same */
} gkt_tensor_shape;

typedef struct { /* of a side */
  const gkt_tie_arguments *ties; /* NULL: there are none */
  const gkt_idx *nodes;          /* of the cell */
} gkt_tied_side;

GKT_FUNCTION gkt_scalar *gkt_tensor_at(const gkt_tensor_shape *t, gkt_scalar *A, int a, int b, int i, int j) {
  return A + ((a * t->nodes[1] + b) * t->components[0] + i) * t->components[1] + j;
}

GKT_FUNCTION bool gkt_side_is_turned(const gkt_tied_side *s, int node) { return s->ties && s->ties->turned && s->ties->turned[s->nodes[node]] >= 0; }
GKT_FUNCTION bool gkt_side_repeats(const gkt_tied_side *s) { return s->ties && s->ties->masters; }

GKT_FUNCTION void gkt_turn_block(const gkt_tensor_shape *t, gkt_scalar *A, int a, int b, bool left, const gkt_scalar *Q) {
  const int rows = t->components[0], cols = t->components[1], n = left ? rows : cols;
  gkt_scalar old[GKT_MAX_TURNED];
  for (int k = 0; k < (left ? cols : rows); k++) {
    for (int i = 0; i < n; i++) old[i] = *(left ? gkt_tensor_at(t, A, a, b, i, k) : gkt_tensor_at(t, A, a, b, k, i));
    for (int i = 0; i < n; i++) {
      gkt_scalar sum = 0;
      for (int l = 0; l < n; l++) sum += Q[l * n + i] * old[l];
      *(left ? gkt_tensor_at(t, A, a, b, i, k) : gkt_tensor_at(t, A, a, b, k, i)) = sum;
    }
  }
}

GKT_FUNCTION void gkt_turn_side(const gkt_tensor_shape *t, gkt_scalar *A, bool left, const gkt_tied_side *s) {
  const int size = t->components[left ? 0 : 1];
  for (int a = 0; a < t->nodes[left ? 0 : 1]; a++) {
    if (!gkt_side_is_turned(s, a)) continue;
    const gkt_scalar *Q = s->ties->matrices + (gkt_offset)s->ties->turned[s->nodes[a]] * (size * size);
    for (int b = 0; b < t->nodes[left ? 1 : 0]; b++)
      if (!t->upper || (left ? a <= b : b <= a)) gkt_turn_block(t, A, left ? a : b, left ? b : a, left, Q);
  }
}

/* The first node of the cell with the same master. */
GKT_FUNCTION int gkt_first_of_master(const gkt_tied_side *s, int node) {
  int a = 0;
  while (s->ties->masters[s->nodes[a]] != s->ties->masters[s->nodes[node]]) a++;
  return a;
}

GKT_FUNCTION void gkt_fold_side(const gkt_tensor_shape *t, gkt_scalar *A, bool rows, const gkt_tied_side *s) {
  for (int b = 0; gkt_side_repeats(s) && b < t->nodes[rows ? 0 : 1]; b++) {
    const int a = gkt_first_of_master(s, b);
    for (int c = 0; a < b && c < t->nodes[rows ? 1 : 0]; c++)
      for (int i = 0; i < t->components[0]; i++)
        for (int j = 0; j < t->components[1]; j++) {
          gkt_scalar *from = rows ? gkt_tensor_at(t, A, b, c, i, j) : gkt_tensor_at(t, A, c, b, i, j);
          *(rows ? gkt_tensor_at(t, A, a, c, i, j) : gkt_tensor_at(t, A, c, a, i, j)) += *from;
          *from = 0;
        }
  }
}

GKT_FUNCTION void gkt_mirror_tensor(const gkt_tensor_shape *t, gkt_scalar *A) {
  for (int a = 0; a < t->nodes[0]; a++)
    for (int b = a; b < t->nodes[1]; b++)
      for (int i = 0; i < t->components[0]; i++)
        for (int j = a == b ? i + 1 : 0; j < t->components[1]; j++) *gkt_tensor_at(t, A, b, a, j, i) = *gkt_tensor_at(t, A, a, b, i, j);
}

GKT_FUNCTION bool gkt_any_turned(const gkt_tied_side *s, int count) {
  for (int i = 0; i < count; i++)
    if (gkt_side_is_turned(s, i)) return true;
  return false;
}

GKT_FUNCTION bool gkt_any_twice(const gkt_tied_side *s, int count) {
  for (int i = 0; gkt_side_repeats(s) && i < count; i++)
    if (gkt_first_of_master(s, i) < i) return true;
  return false;
}

GKT_FUNCTION void gkt_turn_tensor(const gkt_tensor_shape *t, const gkt_tied_side *rows, const gkt_tied_side *cols, gkt_scalar *A) {
  const bool turned = gkt_any_turned(rows, t->nodes[0]) || gkt_any_turned(cols, t->nodes[1]), twice = gkt_any_twice(rows, t->nodes[0]) || gkt_any_twice(cols, t->nodes[1]);
  for (int k = 0; k < 2 && turned; k++) {
    const bool left = (k == 0) != t->transposed;
    gkt_turn_side(t, A, left, left ? rows : cols);
  }
  if (turned && t->upper) gkt_mirror_tensor(t, A);
  for (int k = 0; k < 2 && twice; k++) {
    const bool left = (k == 0) != t->transposed;
    gkt_fold_side(t, A, left, left ? rows : cols);
  }
  if (twice && t->upper) gkt_mirror_tensor(t, A);
}
