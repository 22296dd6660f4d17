// A gear of 18 teeth with a bore, millimetres: triangles, drawn out to prisms.
SetFactory("OpenCASCADE");
teeth = 18; root = 20; tip = 25; bore = 8; width = 10;
p = 0; // points so far
For i In {0:teeth - 1}
  a = 2*Pi*i/teeth;
  s = 2*Pi/teeth;
  // the gap's end, up the flank, over the tip, down
  Point(p + 1) = {root*Cos(a - 0.28*s), root*Sin(a - 0.28*s), 0};
  Point(p + 2) = {tip*Cos(a - 0.13*s), tip*Sin(a - 0.13*s), 0};
  Point(p + 3) = {tip*Cos(a + 0.13*s), tip*Sin(a + 0.13*s), 0};
  Point(p + 4) = {root*Cos(a + 0.28*s), root*Sin(a + 0.28*s), 0};
  p += 4;
EndFor
For i In {1:p}
  Line(i) = {i, i < p ? i + 1 : 1};
EndFor
Circle(p + 1) = {0, 0, 0, bore, 0, 2*Pi};
Curve Loop(1) = {1:p};
Curve Loop(2) = {p + 1};
Plane Surface(1) = {1, 2};
body() = Extrude {0, 0, width} { Surface{1}; Layers{2}; Recombine; };
e = 1e-3;
Physical Volume("gear") = {body(1)};
Physical Surface("bore") = Surface In BoundingBox {-bore - e, -bore - e, -e, bore + e, bore + e, width + e};
Physical Surface("flank") = {body(2)}; // of one tooth, from point 1 to point 2
