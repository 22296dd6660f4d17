// NAFEMS LE10: a quarter of a thick elliptic plate with an elliptic hole, metres. Hexahedra with curved edges; with `tets = 1` before it, tetrahedra.
SetFactory("OpenCASCADE");
If (!Exists(tets)) tets = 0; EndIf
h = Mesh.MeshSizeMax; // the size that is asked for
Ellipse(101) = {0, 0, 0, 3.25, 2.75, 0, Pi/2};
Ellipse(102) = {0, 0, 0, 2.0, 1.0, 0, Pi/2};
outer() = Boundary{ Curve{101}; };
inner() = Boundary{ Curve{102}; };
Line(103) = {inner(0), outer(0)};
Line(104) = {outer(1), inner(1)};
Curve Loop(1) = {103, 101, 104, -102};
Plane Surface(1) = {1};
Transfinite Curve {101, 102} = Ceil(2.4/h) + 1;
Transfinite Curve {103} = Ceil(1.2/h) + 1 Using Progression 1.2^h; // finer towards the hole
Transfinite Curve {-104} = Ceil(1.2/h) + 1 Using Progression 1.2^h;
Transfinite Surface {1};
If (tets)
  lower() = Extrude {0, 0, 0.3} { Surface{1}; Layers{Ceil(0.3/h)}; };
  upper() = Extrude {0, 0, 0.3} { Surface{lower(0)}; Layers{Ceil(0.3/h)}; };
Else
  Recombine Surface {1};
  lower() = Extrude {0, 0, 0.3} { Surface{1}; Layers{Ceil(0.3/h)}; Recombine; };
  upper() = Extrude {0, 0, 0.3} { Surface{lower(0)}; Layers{Ceil(0.3/h)}; Recombine; };
EndIf
middle() = Boundary{ Surface{lower(0)}; };
Physical Volume("plate") = {lower(1), upper(1)};
Physical Surface("top") = {upper(0)};
Physical Surface("y0") = {lower(2), upper(2)}; // the plane y = 0
Physical Surface("outer") = {lower(3), upper(3)};
Physical Surface("x0") = {lower(4), upper(4)};
Physical Curve("middle") = {middle(1)}; // of the outer face
Mesh.ElementOrder = 2;
