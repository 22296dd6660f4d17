/* The rational basis of pyramids, for lagrange.c: base [0,1]^2 at z = 0, apex (0,0,1), degrees 1 and 2. */
#ifndef GKT_MESHES_PYRAMID_H
#define GKT_MESHES_PYRAMID_H
void gkt_pyramid_values(int degree, const double *xi, double *phi);     /* phi [size] */
void gkt_pyramid_gradients(int degree, const double *xi, double *dphi); /* dphi [size][3] */
#endif
