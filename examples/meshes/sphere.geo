// A unit ball of curved tetrahedra.
SetFactory("OpenCASCADE");
Sphere(1) = {0, 0, 0, 1};
Physical Volume("ball") = {1};
Physical Surface("skin") = {1};
Mesh.ElementOrder = 2;
