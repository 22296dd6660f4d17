// Triangles and quadrilaterals in an ellipse, of Gmsh's default size: pairs of triangles are recombined where they match.
SetFactory("OpenCASCADE");
Ellipse(1) = {0, 0, 0, 0.5, 0.25};
Curve Loop(1) = {1};
Plane Surface(1) = {1};
Physical Curve("edge") = {1};
Physical Surface("domain") = {1};
Recombine Surface {1};
Mesh.Algorithm = 6;
Mesh.RecombinationAlgorithm = 0;
