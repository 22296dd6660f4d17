// An eighth of a hollow sphere, radii 1 and 2, unstructured; finer at the inner face.
SetFactory("OpenCASCADE");
Sphere(1) = {0, 0, 0, 2, 0, Pi/2, Pi/2};
Sphere(2) = {0, 0, 0, 1, 0, Pi/2, Pi/2};
BooleanDifference(3) = { Volume{1}; Delete; }{ Volume{2}; Delete; };
e = 1e-6;
Physical Volume("shell") = {3};
Physical Surface("inside") = Surface In BoundingBox {-e, -e, -e, 1 + e, 1 + e, 1 + e};
Physical Surface("x0") = Surface In BoundingBox {-e, -e, -e, e, 3, 3};
Physical Surface("y0") = Surface In BoundingBox {-e, -e, -e, 3, e, 3};
Physical Surface("z0") = Surface In BoundingBox {-e, -e, -e, 3, 3, e};
Field[1] = MathEval;
Field[1].F = Sprintf("%g*(x^2 + y^2 + z^2)^0.5", Mesh.MeshSizeMax/2);
Background Field = 1;
Mesh.MeshSizeExtendFromBoundary = 0;
Mesh.ElementOrder = 2;
