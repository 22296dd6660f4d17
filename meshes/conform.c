/* temporary */
#include "meshes/mesh.h"
gkt_status gkt_mesh_check_conforming(const gkt_mesh *m, const gkt_mesh_labels *labels) { return m || labels ? GKT_OK : GKT_OK; }
