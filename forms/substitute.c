/* Terminals replaced by other nodes: tests by zero, tests by an adjoint state, constants by their values. */
#include "forms/graph.h"

gkt_status gkt_graph_substitute(gkt_graph *g, int n, const gkt_node *nodes, int num_seeds, const gkt_node *seeds, const gkt_node *replacements, gkt_node *out) {
  gkt_node top = gkt_graph_top(n, nodes), *image = NULL;
  bool *used = NULL;
  gkt_status status;
  GKT_GO(gkt_graph_mark(g, n, nodes, &used));
  GKT_GO(gkt_calloc(gkt_graph_context(g), (gkt_size)top + 1, sizeof *image, &image));
  for (gkt_node i = 0; i <= top; i++) {
    if (!used[i]) continue;
    const gkt_node_data *d = gkt_graph_get(g, i);
    bool leaf = d->op == GKT_OP_CONSTANT || d->op == GKT_OP_TERMINAL;
    image[i] = leaf ? i : gkt_graph_remake(g, i, image[d->a], image[d->b], image[d->c]);
    for (int s = 0; leaf && s < num_seeds; s++)
      if (seeds[s] == i) image[i] = replacements[s];
  }
  for (int i = 0; i < n; i++) out[i] = image[nodes[i]];
  status = gkt_graph_status(g);
done:
  gkt_free(&used);
  gkt_free(&image);
  return status;
}
