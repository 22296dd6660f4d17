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
around = Ceil(2.4/h);
across = tets ? Ceil(1.2/h) : Ceil(1.6/h);
Transfinite Curve {101, 102} = around + 1;
Transfinite Curve {103, -104} = across + 1 Using Progression (tets ? 1.2^h : 2^(1/across)); // finer towards the hole
Transfinite Surface {1};
m = tets ? Ceil(0.3/h) : Ceil(0.8/h); // layers of the upper half; of hexahedra thinner towards the top
For i In {1:m}
  number(i - 1) = 1;
  height(i - 1) = tets ? i/m : 1 - (1 - i/m)^2;
EndFor
If (tets)
  lower() = Extrude {0, 0, 0.3} { Surface{1}; Layers{Ceil(0.3/h)}; };
  upper() = Extrude {0, 0, 0.3} { Surface{lower(0)}; Layers{ {number()}, {height()} }; };
Else
  Recombine Surface {1};
  lower() = Extrude {0, 0, 0.3} { Surface{1}; Layers{Ceil(0.3/h)}; Recombine; };
  upper() = Extrude {0, 0, 0.3} { Surface{lower(0)}; Layers{ {number()}, {height()} }; Recombine; };
EndIf
middle() = Boundary{ Surface{lower(0)}; };
Physical Volume("plate") = {lower(1), upper(1)};
Physical Surface("top") = {upper(0)};
Physical Surface("y0") = {lower(2), upper(2)}; // the plane y = 0
Physical Surface("outer") = {lower(3), upper(3)};
Physical Surface("x0") = {lower(4), upper(4)};
Physical Curve("middle") = {middle(1)}; // of the outer face
Mesh.ElementOrder = 2;
